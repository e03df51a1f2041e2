"""The revision of a model: all that its server says of it, and the same on every machine."""

from aiohttp import web
from aiohttp.test_utils import TestServer

from ner_core.engines.http import opened
from ner_core.engines.probe import Probe


async def revision_of(*cards, model="gemma"):
    """The revision of a model behind a server that lists its models so."""

    async def models(_):
        return web.json_response({"data": cards})

    app = web.Application()
    app.router.add_get("/v1/models", models)
    async with TestServer(app) as server, opened(str(server.make_url("/v1")), timeout_s=5) as c:
        return await Probe(c, model, chat=True).revision()


def card(name, root, parent=None):
    return {"id": name, "root": root, "parent": parent}


async def test_weights_in_a_folder_of_the_same_name_elsewhere_are_another_revision():
    one, other = (f"/models/run-{n}/merged" for n in (17, 18))

    assert await revision_of(card("gemma", one)) != await revision_of(card("gemma", other))
    assert await revision_of(card("gemma", one), card("gemma/fp8", one)) != await revision_of(
        card("gemma", other), card("gemma/fp8", other)
    )


async def test_where_a_machine_has_its_cache_is_no_part_of_the_revision():
    end = "models/gemma-a5fd3b62230a"
    here, there = (
        [card("gemma", f"{cache}/{end}"), card("gemma/float32", f"{cache}/{end}")]
        for cache in ("/home/ada/.cache/tagwire", "/var/cache")
    )

    assert await revision_of(*here) == "gemma gemma/float32 gemma-a5fd3b62230a"
    assert await revision_of(*there) == await revision_of(*here)


async def test_where_a_machine_has_an_adapter_with_a_hash_is_no_part_of_the_revision():
    ids = ["gemma", f"gemma/auto/{'a' * 12}"]

    def cards(folder):
        base = card("gemma/base", f"{folder}/cache/models/gemma-a5fd3b62230a")
        return [base, *(card(i, f"{folder}/adapters/gemma", "gemma/base") for i in ids)]

    assert await revision_of(*cards("/one")) == await revision_of(*cards("/other"))


async def test_what_an_adapter_is_loaded_on_is_part_of_its_revision():
    def cards(base):
        return [card("base", base), card("mine", "/adapters/mine", parent="base")]

    one, other = [await revision_of(*cards(f"/models/{n}"), model="mine") for n in (1, 2)]

    assert one != other
