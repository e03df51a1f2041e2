"""The dashboard's server on loopback: who may look, the stream of events, what is sent."""

import asyncio
import re

import pytest
from aiohttp import ClientTimeout
from support.dashboard import events, running_dashboard
from support.processes import until
from support.tagged import entity, tagged

from ner_core.errors import ConfigurationError
from ner_core.version import __version__
from streams.dashboard import web
from streams.dashboard.access import COOKIE
from streams.dashboard.views import document_view

TOKEN = "0123456789abcdef"


async def nobody_reads(dashboard):
    async def left():
        return not dashboard.feed.readers

    await until(left, "the page is disconnected")


async def test_the_page_and_all_that_it_loads_come_from_here_with_a_strict_policy():
    async with running_dashboard() as dashboard:
        page = await (await dashboard.get("/")).text()
        loaded = re.findall(r'(?:src|href)="(/[^"]+)"', page)
        assert {"/page.css", "/page.js", "/dashboard.js"} <= set(loaded)
        for path in ("/", *loaded):
            response = await dashboard.get(path)
            assert response.status == 200
            policy = response.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
            assert "unsafe" not in policy
            assert "require-trusted-types-for 'script'" in policy
            assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_errors_have_the_policy_too():
    async with running_dashboard() as dashboard:
        response = await dashboard.get("/nothing")

    assert response.status == 404
    assert "Content-Security-Policy" in response.headers


@pytest.mark.parametrize("host", ["evil.example", "evil.example:6068", "192.0.2.1", "a b"])
async def test_without_a_token_a_page_that_calls_itself_something_else_is_refused(host):
    async with running_dashboard() as dashboard:
        for path in ("/", "/events", "/letters/0:0", "/dashboard.js"):
            assert (await dashboard.get(path, headers={"Host": host})).status in {400, 403}


@pytest.mark.parametrize("host", ["localhost:6068", "127.0.0.1", "[::1]:6068"])
async def test_names_of_this_machine_are_let_in(host):
    async with running_dashboard() as dashboard:
        assert (await dashboard.get("/", headers={"Host": host})).status == 200


@pytest.mark.parametrize("host", ["::", "192.0.2.1", "tagwire.example"])
async def test_open_to_other_machines_it_needs_a_token(host):
    with pytest.raises(ConfigurationError, match="open to other machines; set TAGWIRE_DASHBOARD_"):
        async with running_dashboard(dashboard_host=host):
            pass


async def test_a_short_token_is_refused():
    with pytest.raises(ConfigurationError, match="shorter than 16 characters"):
        async with running_dashboard(dashboard_token="hunter2"):
            pass


async def test_with_a_token_nothing_is_shown_without_it():
    async with running_dashboard(dashboard_token=TOKEN) as dashboard:
        for path in ("/", "/dashboard.js", "/events", "/letters/0:0", "/?token=wrong", "/?token=é"):
            response = await dashboard.get(path)
            assert response.status == 401
            assert "Set-Cookie" not in response.headers
        tried = await dashboard.post("/try", json={"text": "x"})

    assert tried.status == 401


async def test_the_token_of_the_address_becomes_a_cookie_and_leaves_the_address():
    async with running_dashboard(dashboard_token=TOKEN) as dashboard:
        response = await dashboard.get(f"/?token={TOKEN}")
        cookie = response.cookies[COOKIE]
        inside = await dashboard.get("/", headers={"Cookie": f"{COOKIE}={cookie.value}"})

    assert (response.status, response.headers["Location"]) == (303, "/")
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")
    assert inside.status == 200


async def test_programs_send_the_token_in_a_header():
    async with running_dashboard(dashboard_token=TOKEN) as dashboard:
        right = await dashboard.get("/", headers={"Authorization": f"Bearer {TOKEN}"})
        wrong = await dashboard.get("/", headers={"Authorization": f"Bearer {TOKEN}x"})
        basic = await dashboard.get("/", headers={"Authorization": f"Basic {TOKEN}"})

    assert (right.status, wrong.status, basic.status) == (200, 401, 401)


async def test_whether_it_lives_may_be_asked_by_anybody():
    async with running_dashboard(dashboard_token=TOKEN) as dashboard:
        assert (await dashboard.get("/live", headers={"Host": "pod-7"})).status == 200


async def test_a_new_page_gets_what_is_there_and_then_what_comes():
    async with running_dashboard() as dashboard, dashboard.get("/events") as response:
        [reset, state] = await events(response, 2)
        dashboard.show({"id": "a"})
        [document] = await events(response, 1)
        dashboard.feed.publish("documents", "a", "deletion", {"id": "a"})
        [last] = await events(response, 1)

    assert reset == ("reset", {})
    assert state == ("state", {"version": __version__, "kept": 200})
    assert document == ("document", {"id": "a"})
    assert last == ("deletion", {"id": "a"})
    assert response.headers["Content-Type"] == "text/event-stream"


async def test_a_page_that_comes_back_gets_only_what_it_has_not():
    async with running_dashboard() as dashboard:
        dashboard.show({"id": "a"}, {"id": "b"})
        last = {"Last-Event-ID": f"{dashboard.feed.name}-2"}
        async with dashboard.get("/events", headers=last) as response:
            assert await events(response, 1) == [("document", {"id": "b"})]


@pytest.mark.parametrize("last", ["0123abcd-2", "nonsense", "-1", "{name}-²"])
async def test_a_page_of_another_server_begins_again(last):
    async with running_dashboard() as dashboard:
        name = {"Last-Event-ID": last.format(name=dashboard.feed.name).encode().decode("latin-1")}
        async with dashboard.get("/events", headers=name) as response:
            assert (await events(response, 1))[0][0] == "reset"


async def test_a_page_that_has_missed_something_gets_everything_again():
    async with running_dashboard() as dashboard, dashboard.get("/events") as response:
        await events(response, 2)
        dashboard.show(*({"id": str(number)} for number in range(500)))
        [first, *found] = await events(response, 202)

    assert first == ("reset", {})
    assert [data["id"] for kind, data in found if kind == "document"][-1] == "499"


async def test_a_page_that_takes_nothing_is_disconnected(monkeypatch):
    monkeypatch.setattr(web, "STALLED_S", 0.2)
    async with running_dashboard() as dashboard:
        reader, writer = await asyncio.open_connection("127.0.0.1", dashboard.port)
        writer.write(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await reader.readuntil(b"\n\n")
        reader._transport.pause_reading()
        dashboard.show(*({"id": str(n), "text": "x" * 2**20} for n in range(15)))
        await nobody_reads(dashboard)
        writer.close()


async def test_a_page_that_is_closed_is_forgotten():
    async with running_dashboard() as dashboard:
        async with dashboard.get("/events") as response:
            await events(response, 1)
            assert dashboard.feed.readers == 1
            response.close()
        await nobody_reads(dashboard)


async def test_only_so_many_pages_may_be_open(monkeypatch):
    monkeypatch.setattr(web, "READERS", 1)
    async with running_dashboard() as dashboard, dashboard.get("/events") as response:
        await events(response, 1)
        second = await dashboard.get("/events")
        assert second.status == 503
        assert "1 pages are open already" in (await second.json())["error"]


async def test_it_ends_at_once_though_pages_are_open():
    async with running_dashboard() as dashboard:
        response = await dashboard.get("/events", timeout=ClientTimeout(30))
        await events(response, 1)
        began = asyncio.get_running_loop().time()

    assert asyncio.get_running_loop().time() - began < 1


async def test_hostile_text_goes_out_as_data_with_control_characters_visible():
    text = "</script><script>x</script>\x1b[31m \u202eKern\u202c \ud800"
    view = document_view(tagged(text, entity(0, 9, "<b>\x07"), id="<i>\x00"))
    async with running_dashboard() as dashboard:
        dashboard.show(view)
        async with dashboard.get("/events") as response:
            found = dict(await events(response, 3))["document"]
            kind = response.headers["Content-Type"]

    whole = "".join(piece["text"] for field in found["fields"] for piece in field["pieces"])
    assert "\x1b" not in whole
    assert "\ufffd" in whole or "\ud800" not in whole
    assert found["id"] == "<i>␀"
    assert kind == "text/event-stream"


async def test_a_dead_letter_is_shown_and_one_that_is_not_kept_names_the_command():
    async with running_dashboard(letters={"0:1": {"reason": "invalid_json"}}) as dashboard:
        there, gone = [await dashboard.get(f"/letters/{place}") for place in ("0:1", "3:9")]

        assert await there.json() == {"reason": "invalid_json"}
        assert gone.status == 404
        assert "`tagwire dead show 3:9`" in (await gone.json())["error"]


async def test_a_form_of_another_site_cannot_try_a_text():
    async with running_dashboard() as dashboard:
        response = await dashboard.post("/try", data='{"text": "x"}')

    assert response.status == 415
