"""Of a list of prompts that fails, no answer is lost that could be had."""

import asyncio
from dataclasses import replace

import pytest

from ner_core.engines.cached import CachedEngine
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

    ``lists`` are their lengths.
    """

    def __init__(self, refused=None, *, most=16, error=EngineBusyError):
        super().__init__("a")
        self.features = {"prompt_lists": True}
        self.refused = refused
        self.most = most
        self.error = error
        self.lists = []

    async def answer(self, requests, *, priority=0):
        self.lists.append(len(requests))
        if self.refused in requests or len(requests) > self.most:
            await asyncio.sleep(0)
            raise self.error(self.model, "scripted")
        return await super().answer(requests, priority=priority)


async def test_an_engine_that_takes_lists_is_asked_a_list_at_a_time(store):
    engine = ListingEngine()

    answers = await CachedEngine(engine, store).answer(questions(40))

    assert engine.lists == [16, 16, 8]
    assert len(answers) == 40


async def test_a_list_that_fails_loses_the_answers_of_no_other_list(store):
    asked = questions(40)
    cached = CachedEngine(ListingEngine(asked[20]), store)
    with pytest.raises(EngineBusyError):
        await cached.answer(asked)

    answers = await cached.answer([*asked[:16], *asked[32:]])

    assert all(answer.stored for answer in answers)


@pytest.mark.parametrize("error", [EngineTimeoutError, EngineBusyError, EngineRequestError])
async def test_a_list_that_is_too_much_is_asked_in_halves(store, error):
    engine = ListingEngine(most=4, error=error)

    answers = await CachedEngine(engine, store).answer(questions(16))

    assert engine.lists == [16, 8, 4, 4, 8, 4, 4]
    assert [a.text for a in answers] == [
        a.text for a in await RuleEngine("a").answer(questions(16))
    ]


@pytest.mark.parametrize("error", [EngineTimeoutError, EngineBusyError, EngineRequestError])
async def test_a_prompt_that_fails_keeps_what_its_list_had_answered(store, error):
    asked = questions(16)
    engine = ListingEngine(asked[15], error=error)

    with pytest.raises(error):
        await CachedEngine(engine, store).answer(asked)

    assert engine.lists == [16, 8, 8, 4, 4, 2, 2, 1, 1]
    assert len(store.values) == 15


@pytest.mark.parametrize("error", [EngineLostError, PromptTooLongError])
async def test_a_list_that_fewer_prompts_do_not_help_is_asked_once(store, error):
    engine = ListingEngine(most=4, error=error)

    with pytest.raises(error):
        await CachedEngine(engine, store).answer(questions(16))

    assert engine.lists == [16]


async def test_what_goes_into_no_list_is_asked_and_stored_alone(store):
    asked = [replace(question, schema={"type": "object"}) for question in questions(8)]
    engine = ListingEngine(asked[7], error=EngineLostError)

    with pytest.raises(EngineLostError):
        await CachedEngine(engine, store).answer(asked)

    assert engine.lists == [1] * 8
    assert len(store.values) == 7
