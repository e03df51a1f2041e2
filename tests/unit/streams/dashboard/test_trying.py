"""A text that is tried: every stage is shown, and nothing is written."""

import asyncio

import pytest
from support.dashboard import running_dashboard, trying
from support.pipelines import POOL, pipeline

from ner_core.errors import EngineDownError
from ner_core.stores import ReadOnlyStore
from ner_core.testing import RuleEngine
from streams.settings import load_settings

SETTINGS = load_settings(redis_url="")
TEXT = {"title": "Ada Kern in Varna", "text": "Ada Kern came.\nShe met <b>Bo Falk</b> in Varna."}


class DownOnce(RuleEngine):
    """Does not answer its first request."""

    is_down = True

    async def answer(self, requests, *, priority=0):
        if self.is_down:
            self.is_down = False
            raise EngineDownError("a", "nobody there")
        return await super().answer(requests, priority=priority)


class Slow(RuleEngine):
    """Answers nothing, and knows whether it was asked, and whether nobody waits any more."""

    def __init__(self, model):
        super().__init__(model)
        self.was_asked, self.was_left = asyncio.Event(), asyncio.Event()

    async def answer(self, *_, **__):
        self.was_asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.was_left.set()


async def try_it(*values, engine=None, demonstrations=POOL):
    tried, connect = trying(await pipeline(engine or RuleEngine("a")), SETTINGS, demonstrations)
    answers = []
    async with running_dashboard(tried=tried) as dashboard:
        for value in values:
            response = await dashboard.post("/try", json=value)
            answers.append((response.status, await response.json()))
    return answers, connect


async def test_every_stage_is_shown():
    [(status, tried)], _ = await try_it(TEXT)

    first = tried["sentences"][0]
    assert status == 200
    assert first["text"] == "Ada Kern in Varna"
    assert first["rough"] == ["Ada Kern", "Varna"]
    assert [surface for surface, _ in first["extracted"]["a"]] == ["Ada Kern", "Varna"]
    assert len(first["demonstrations"]) == 3
    assert [piece["text"] for piece in first["demonstrations"][0]["pieces"]][1] == " left "
    assert first["votes"][0]["surface"] == "Ada Kern"
    assert first["votes"][0]["votes"]["a"]["type"] == first["votes"][0]["type"]
    assert first["votes"][0]["verified"] is True
    assert {cost["stage"] for cost in tried["costs"]} == {"extract", "classify", "verify"}


async def test_the_document_is_shown_as_one_of_the_topic_without_a_place_there():
    [(_, tried)], _ = await try_it(TEXT)

    assert [field["name"] for field in tried["document"]["fields"]] == ["title", "text"]
    assert tried["document"]["fields"][0]["pieces"][0]["opens"]
    assert {"id", "origin"}.isdisjoint(name for name, _ in tried["document"]["facts"])


async def test_surfaces_are_those_of_the_source_though_models_see_no_markup():
    [(_, tried)], _ = await try_it(TEXT)

    surfaces = [s for sentence in tried["sentences"] for s, _ in sentence["extracted"]["a"]]
    assert "Bo Falk" in surfaces


async def test_the_store_is_only_read():
    _, connect = await try_it(TEXT)

    [store] = connect.stores
    assert isinstance(store, ReadOnlyStore)


async def test_the_pipeline_is_opened_once_for_many_texts():
    answers, connect = await try_it(TEXT, TEXT, {"text": "Bo Falk."})

    assert [status for status, _ in answers] == [200, 200, 200]
    assert len(connect.stores) == 1


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ({"text": 5}, "invalid_field: text"),
        ({"title": "x"}, "invalid_field: text"),
        (["text"], "not an object"),
        ({"text": "x" * 200_001}, "200001 characters"),
        ({"text": "Ada.", "label_set": "ships"}, "ships"),
    ],
)
async def test_what_no_worker_would_tag_is_refused_with_the_same_reason_and_the_next_is_tried(
    value, error
):
    (refused, tried), _ = await try_it(value, TEXT)

    assert refused[0] == 400
    assert error in refused[1]["error"]
    assert tried[0] == 200


async def test_without_engines_it_says_so_and_tries_again_with_the_next_text():
    tried, connect = trying(await pipeline(DownOnce("a")), SETTINGS)
    async with running_dashboard(tried=tried) as dashboard:
        first = await dashboard.post("/try", json=TEXT)
        second = await dashboard.post("/try", json=TEXT)
        said = (await first.json())["error"]

    assert (first.status, second.status) == (503, 200)
    assert "engine_down" in said
    assert len(connect.stores) == 2


async def test_an_empty_topic_of_demonstrations_is_no_fault():
    [(status, tried)], _ = await try_it(TEXT, demonstrations=[])

    assert status == 200
    assert tried["sentences"][0]["demonstrations"] == []


async def test_texts_wait_for_each_other_up_to_a_limit_and_one_that_nobody_waits_for_is_stopped():
    engine = Slow("a")
    tried, _ = trying(await pipeline(engine), SETTINGS)
    async with running_dashboard(tried=tried) as dashboard:
        asked = [asyncio.create_task(dashboard.post("/try", json=TEXT)) for _ in range(6)]
        done, waiting = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        assert {one.result().status for one in done} == {429}
        await engine.was_asked.wait()
        for one in waiting:
            one.cancel()
        async with asyncio.timeout(30):
            await engine.was_left.wait()
