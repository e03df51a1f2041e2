"""Of a list of prompts that fails, no answer is lost that could be had."""

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ner_core.engines.cached import CachedEngine
from ner_core.engines.client import OpenAIEngine
from ner_core.engines.http import opened
from ner_core.engines.priority_semaphore import PrioritySemaphore
from ner_core.errors import (
    EngineBusyError,
    EngineLostError,
    EngineRequestError,
    EngineTimeoutError,
    PromptTooLongError,
)
from ner_core.ports import Request
from ner_core.testing import InMemoryStore, RuleEngine


def questions(count):
    return [Request(f"- person\n\nText: Ada{n} left.\nEntities:", 24) for n in range(count)]


@pytest.fixture
def store():
    return InMemoryStore()


class ListingEngine(RuleEngine):
    """Takes lists of prompts, up to ``most``; fails at those that hold one prompt.

    ``lists`` are their lengths. Answers take ``turns`` of the event loop, failures one.
    """

    def __init__(self, refused=None, *, most=16, error=EngineBusyError, turns=0):
        super().__init__("a")
        self.features = {"prompt_lists": True}
        self.refused = refused
        self.most = most
        self.error = error
        self.turns = turns
        self.lists = []

    async def answer(self, requests, *, priority=0):
        self.lists.append(len(requests))
        if self.refused in requests or len(requests) > self.most:
            await asyncio.sleep(0)
            raise self.error(self.model, "scripted")
        for _ in range(self.turns):
            await asyncio.sleep(0)
        return await super().answer(requests, priority=priority)


class HangingEngine(RuleEngine):
    """Times out at every request; ``places`` are how many wait together.

    ``timeouts`` is how many of them came one after another.
    """

    def __init__(self, places):
        super().__init__("a")
        self.features = {"prompt_lists": True}
        self.places = asyncio.Semaphore(places)
        self.timeouts = 0

    async def answer(self, requests, *, priority=0):
        del requests, priority
        async with self.places:
            before = self.timeouts
            for _ in range(5):  # turns of the event loop: those who are cancelled end earlier
                await asyncio.sleep(0)
            self.timeouts = before + 1
            raise EngineTimeoutError(self.model, "scripted")


async def test_an_engine_that_takes_lists_is_asked_a_list_at_a_time(store):
    engine = ListingEngine()

    answers = await CachedEngine(engine, store).answer(questions(40))

    assert engine.lists == [16, 16, 8]
    assert len(answers) == 40


async def test_lists_of_choices_are_longer_and_go_apart(store):
    choices = [question._replace(choices=("person", "none")) for question in questions(40)]
    engine = ListingEngine(most=32)

    answers = await CachedEngine(engine, store).answer([*questions(8), *choices])

    assert engine.lists == [8, 32, 8]
    assert len(answers) == 48


async def test_a_list_that_fails_loses_the_answers_of_no_other_list(store):
    asked = questions(40)
    cached = CachedEngine(ListingEngine(asked[20]), store)
    with pytest.raises(EngineBusyError):
        await cached.answer(asked)

    answers = await cached.answer([*asked[:16], *asked[32:]])

    assert all(answer.stored for answer in answers)


@pytest.mark.parametrize(
    ("error", "lists"),
    [
        (EngineRequestError, [16, 8, 8, 4, 4, 4, 4]),
        (EngineBusyError, [16] + [1] * 16),
        (EngineTimeoutError, [16] + [1] * 16),
    ],
)
async def test_a_list_that_is_refused_is_asked_in_halves_and_one_that_is_too_much_singly(
    store, error, lists
):
    engine = ListingEngine(most=4, error=error)

    answers = await CachedEngine(engine, store).answer(questions(16))

    assert engine.lists == lists
    assert [a.text for a in answers] == [
        a.text for a in await RuleEngine("a").answer(questions(16))
    ]


@pytest.mark.parametrize("bad", [0, 7, 15])
@pytest.mark.parametrize("error", [EngineTimeoutError, EngineBusyError, EngineRequestError])
async def test_a_prompt_that_fails_costs_no_other_of_its_list_its_answer(store, error, bad):
    asked = questions(16)
    engine = ListingEngine(asked[bad], error=error)

    with pytest.raises(error):
        await CachedEngine(engine, store).answer(asked)

    assert len(store.values) == 15


@pytest.mark.parametrize("error", [EngineBusyError, EngineRequestError])
async def test_answers_that_come_after_a_refusal_are_stored_too(store, error):
    asked = questions(16)
    engine = ListingEngine(asked[0], error=error, turns=3)

    with pytest.raises(error):
        await CachedEngine(engine, store).answer(asked)

    assert len(store.values) == 15


@pytest.mark.parametrize("places", [1, 16])
async def test_an_engine_that_hangs_costs_two_timeouts_at_most(store, places):
    engine = HangingEngine(places)

    with pytest.raises(EngineTimeoutError):
        await CachedEngine(engine, store).answer(questions(16))

    assert engine.timeouts == 2


@pytest.mark.parametrize("error", [EngineLostError, PromptTooLongError])
async def test_a_list_that_fewer_prompts_do_not_help_is_asked_once(store, error):
    engine = ListingEngine(most=4, error=error)

    with pytest.raises(error):
        await CachedEngine(engine, store).answer(questions(16))

    assert engine.lists == [16]


async def test_what_goes_into_no_list_is_asked_and_stored_alone(store):
    asked = [question._replace(schema={"type": "object"}) for question in questions(8)]
    engine = ListingEngine(asked[7], error=EngineLostError)

    with pytest.raises(EngineLostError):
        await CachedEngine(engine, store).answer(asked)

    assert engine.lists == [1] * 8
    assert len(store.values) == 7


async def test_a_list_over_the_tokens_of_a_minute_is_asked_in_halves(store):
    lengths = []

    async def reply(request):
        prompts = (await request.json())["prompt"]
        lengths.append(len(prompts) if isinstance(prompts, list) else 1)
        if lengths[-1] > 4:
            return web.json_response({"error": {"message": "Request too large for a"}}, status=429)
        choice = {"text": "Ada", "finish_reason": "stop"}
        return web.json_response({"choices": [{**choice, "index": n} for n in range(lengths[-1])]})

    app = web.Application()
    app.router.add_post("/v1/completions", reply)
    async with TestServer(app) as server, opened(str(server.make_url("/v1")), timeout_s=5) as c:
        features = {"prompt_lists": True}
        engine = OpenAIEngine("a", "r", features, c, PrioritySemaphore(16))
        answers = await CachedEngine(engine, store).answer(questions(16))

    assert sorted(lengths) == [4, 4, 4, 4, 8, 8, 16]
    assert [answer.text for answer in answers] == ["Ada"] * 16
