"""External keys from a file and over HTTP: right by name and type, or an error that says why."""

import json

import pytest
from aiohttp import ClientSession, web

from ner_core.errors import ConfigurationError, ResolverError
from ner_core.resolvers.file import FileResolver
from ner_core.resolvers.http import HttpResolver
from ner_core.types import Group

WHO = Group("World Health Organization", "organization", (0,), ("WHO",), 0.5)
KERN = Group("Ada Kern", "person", (1,), ("Kern",), 0.5)


def known(tmp_path, *lines):
    path = tmp_path / "keys.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)) + "\n\n", "utf-8")
    return FileResolver(path)


async def test_names_are_found_whatever_their_case_and_by_their_aliases(tmp_path):
    resolver = known(
        tmp_path, {"name": "WHO", "key": "Q7817"}, {"name": "ADA  KERN", "key": "p1"}
    )  # fmt: skip

    assert await resolver.keys([WHO, KERN]) == ["Q7817", "p1"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("President Ada Kern", "person"),
        ("US Army veteran Ada Kern", "person"),
        ("Acme Ltd", "organization"),
        ("Bank of the US", "location"),
    ],
)
async def test_a_line_without_a_type_is_for_the_name_in_any_type(tmp_path, name, kind):
    resolver = known(tmp_path, {"name": name, "key": "Q1"})

    assert await resolver.keys([Group(name, kind, (0,), (), 0.5)]) == ["Q1"]


async def test_a_line_without_a_type_is_not_for_a_place_called_as_the_company(tmp_path):
    resolver = known(tmp_path, {"name": "Acme Ltd", "key": "Q1"})
    company = Group("Acme", "organization", (0,), (), 0.5)
    place = Group("Acme", "location", (1,), (), 0.5)

    assert await resolver.keys([company, place]) == ["Q1", None]


async def test_a_mark_before_the_file_and_rare_line_breaks_in_names_are_read(tmp_path):
    path = tmp_path / "keys.jsonl"
    lines = '{"name": "Ada\u2028Kern", "key": "p1"}\r\n{"name": "WHO", "key": "Q\u0085"}\r\n'
    path.write_bytes(f"\ufeff{lines}".encode())

    assert await FileResolver(path).keys([WHO, KERN]) == ["Q\u0085", "p1"]


async def test_a_line_of_another_type_is_another_name(tmp_path):
    resolver = known(
        tmp_path,
        {"name": "Ada Kern", "key": "ship", "type": "vessel"},
        {"name": "WHO", "key": "old"},
        {"name": "WHO", "key": "new"},
    )

    assert await resolver.keys([KERN, WHO]) == [None, "new"]


@pytest.mark.parametrize("line", ['{"name": "Ada"}', "Ada", '{"name": "A", "key": "k", "x": 1}'])
def test_a_line_that_is_wrong_is_named(tmp_path, line):
    path = tmp_path / "keys.jsonl"
    path.write_text('{"name": "A", "key": "k"}\n' + line, "utf-8")

    with pytest.raises(ConfigurationError, match=r"keys\.jsonl, line 2"):
        FileResolver(path)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match="absent"):
        FileResolver(tmp_path / "absent")


@pytest.fixture
async def service():
    """A service that replies with what ``reply`` is, and keeps what it was asked."""

    class Service:
        reply, status, asked = {"keys": ["Q7817", None]}, 200, ()

    async def keys(request):
        Service.asked = (*Service.asked, await request.json())
        return web.json_response(Service.reply, status=Service.status)

    application = web.Application()
    application.router.add_post("/keys", keys)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    Service.url = f"http://127.0.0.1:{runner.addresses[0][1]}/keys"
    yield Service
    await runner.cleanup()


async def test_a_service_is_asked_once_for_all_names(service):
    async with ClientSession() as session:
        assert await HttpResolver(service.url, session).keys([WHO, KERN]) == ["Q7817", None]

    assert service.asked == (
        {
            "names": [
                {"name": "World Health Organization", "type": "organization", "aliases": ["WHO"]},
                {"name": "Ada Kern", "type": "person", "aliases": ["Kern"]},
            ]
        },
    )


async def test_a_name_with_half_of_a_surrogate_pair_costs_no_other_name_its_key(service):
    service.reply = {"keys": ["Q7817", None]}
    half = Group("Ada \ud83d Kern", "person", (1,), ("Kern \ud83d",), 0.5)
    async with ClientSession() as session:
        assert await HttpResolver(service.url, session).keys([WHO, half]) == ["Q7817", None]

    sent = {"name": "Ada \ufffd Kern", "type": "person", "aliases": ["Kern \ufffd"]}
    assert service.asked[-1]["names"][1] == sent


@pytest.mark.parametrize("reply", [{"keys": ["one"]}, {"keys": [1, 2]}, ["a", "b"], {}])
async def test_a_reply_of_another_form_is_an_error(service, reply):
    service.reply = reply
    async with ClientSession() as session:
        with pytest.raises(ResolverError, match="no list of 2 keys"):
            await HttpResolver(service.url, session).keys([WHO, KERN])


async def test_a_service_that_fails_is_an_error_that_a_retry_may_help(service):
    service.status = 503
    async with ClientSession() as session:
        with pytest.raises(ResolverError, match="503") as raised:
            await HttpResolver(service.url, session).keys([WHO])
    assert raised.value.retryable


async def test_no_secret_of_the_address_is_in_an_error(service):
    service.status = 500
    async with ClientSession() as session:
        for url in (f"{service.url}?api_key=hush", "http://user:hush@[::1"):
            with pytest.raises(ResolverError) as raised:
                await HttpResolver(url, session).keys([WHO])
            assert "hush" not in str(raised.value)


async def test_a_reply_that_is_too_large_is_an_error(service):
    service.reply = {"keys": ["x" * 5_000_000]}
    async with ClientSession() as session:
        with pytest.raises(ResolverError, match="ValueError"):
            await HttpResolver(service.url, session).keys([WHO])
