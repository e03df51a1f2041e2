"""Questions that differ in their prompts alone travel together, and cost nobody an answer."""

import asyncio
import os

import pytest
from support.processes import until

from ner_core import engines
from ner_core.ensemble import Ensemble
from ner_core.errors import (
    EngineBusyError,
    EngineLostError,
    EngineRequestError,
    PromptTooLongError,
)
from ner_core.ports import Request
from ner_core.stores import NullStore
from ner_core.testing import InMemoryStore, ScriptedEngine

NAMES = [f"Ada{chr(97 + n)}" for n in range(20)]
LISTINGS = [Request(f"Text: {name} left.\nEntities:", 16, stop=("\n",)) for name in NAMES]
TYPES = "Types:\n- person\n- city\n\n"
CHOICES = [
    Request(f'{TYPES}Text: {n} left.\nEntities: {{"{n}": "', 8, ('"',), ("person", "city"))
    for n in NAMES
]


def ensemble_at(url, model="gemma", **more):
    backbone = {"name": model, "style": "pattern", "context_tokens": 4096, "url": url} | more
    embedder = {"name": model, "url": url}
    parts = {"backbone": [backbone], "embedder": embedder}
    return Ensemble.model_validate({"name": "contract", "verifier": model, **parts})


@pytest.fixture
async def server():
    async with ScriptedEngine(("gemma",)) as running:
        yield running


async def asked(server, requests, store=None, **more):
    """Ask a server for answers; gives them and the number of bodies."""
    ensemble = ensemble_at(server.url, **more)
    async with engines.connect(ensemble, store=store or NullStore()) as connected:
        before = server.bodies
        return await connected.engines["gemma"].answer(requests), server.bodies - before


async def test_sixteen_prompts_are_one_request(server):
    _, bodies = await asked(server, LISTINGS[:16])

    assert bodies == 1


async def test_questions_that_differ_in_more_than_their_prompts_travel_apart(server):
    mixed = [request for pair in zip(LISTINGS, CHOICES, strict=True) for request in pair][:16]

    answers, bodies = await asked(server, mixed)

    assert bodies == 2
    assert all(name in answer.text for name, answer in zip(NAMES, answers[::2], strict=False))
    assert all(answer.text in ("person", "city") for answer in answers[1::2])


@pytest.mark.parametrize(("places", "lists"), [(64, 1), (32, 2)])
async def test_more_choices_travel_together_if_they_take_half_of_all_places(server, places, lists):
    _, bodies = await asked(server, CHOICES, requests_in_flight=places)

    assert bodies == lists


async def test_sixteen_choices_travel_together_while_others_wait_for_places(server):
    async with engines.connect(ensemble_at(server.url), store=NullStore()) as connected:
        engine = connected.engines["gemma"]
        gate, before = engine.engine.gate, server.bodies

        async def a_question_waits():
            return gate.first == 0

        async def the_choices_wait():
            return gate.first == -1

        async with asyncio.TaskGroup() as group, gate.enter(most=gate.places):
            group.create_task(engine.answer(LISTINGS[:1]))
            await until(a_question_waits, "a question waits for a place")
            group.create_task(engine.answer(CHOICES, priority=-1))
            await until(the_choices_wait, "the choices wait for places")

    assert server.bodies - before == 1 + 2


@pytest.mark.parametrize(
    ("requests", "lists"), [(LISTINGS, 2), (CHOICES, 1)], ids=["listings", "choices"]
)
async def test_together_and_alone_the_answers_are_the_same(server, requests, lists):
    together, bodies = await asked(server, requests)
    server.prompt_lists = False
    alone, more_bodies = await asked(server, requests)

    assert [(a.text, a.complete, a.probabilities) for a in together] == [
        (a.text, a.complete, a.probabilities) for a in alone
    ]
    assert (bodies, more_bodies) == (lists, 20)


async def test_together_and_alone_the_prompt_tokens_are_the_same(server):
    together, _ = await asked(server, LISTINGS)
    server.prompt_lists = False
    alone, _ = await asked(server, LISTINGS)

    assert sum(a.prompt_tokens for a in together) == sum(a.prompt_tokens for a in alone)
    assert sum(a.completion_tokens for a in together) == sum(a.completion_tokens for a in alone)


@pytest.mark.parametrize(("status", "error"), [(400, EngineRequestError), (503, EngineBusyError)])
async def test_one_prompt_that_is_refused_costs_no_other_its_answer(server, status, error):
    ensemble, store = ensemble_at(server.url), InMemoryStore()
    async with engines.connect(ensemble, store=store) as connected:
        server.faults.status, server.faults.refuse_on = status, NAMES[7]
        with pytest.raises(error):
            await connected.engines["gemma"].answer(LISTINGS[:8])
        answers = await connected.engines["gemma"].answer(LISTINGS[:7])

    assert all(answer.stored for answer in answers)


async def test_a_list_with_a_prompt_over_the_context_is_asked_once(server):
    long = Request(f"Text: {'word ' * 200}\nEntities:", 16, stop=("\n",))
    async with engines.connect(ensemble_at(server.url), store=NullStore()) as connected:
        server.max_model_len, before = 200, server.bodies
        with pytest.raises(PromptTooLongError):
            await connected.engines["gemma"].answer([*LISTINGS[:4], long])

    assert server.bodies - before == 1


async def test_a_list_that_the_engine_was_lost_with_is_asked_once(server):
    server.faults.status = 500
    async with engines.connect(ensemble_at(server.url), store=NullStore()) as connected:
        server.faults.refuse, before = 1, server.bodies
        with pytest.raises(EngineLostError):
            await connected.engines["gemma"].answer(LISTINGS[:16])

    assert server.bodies - before == 1


async def test_prompts_in_flight_are_bounded_however_they_travel(server):
    _, bodies = await asked(server, LISTINGS, requests_in_flight=4)

    assert bodies == 5


async def test_only_what_the_store_lacks_is_asked(server):
    store = InMemoryStore()
    await asked(server, LISTINGS[:10], store)

    answers, _ = await asked(server, LISTINGS[:16], store)

    assert [answer.stored for answer in answers] == [True] * 10 + [False] * 6
    assert len(server.last_body["prompt"]) == 6


@pytest.fixture
async def vllm():
    url, model = os.environ.get("VLLM_URL"), os.environ.get("VLLM_MODEL", "gemma")
    if not url:
        pytest.skip("VLLM_URL names no running vLLM server")
    async with engines.connect(ensemble_at(url, model, timeout_s=60), store=NullStore()) as made:
        yield made.engines[model]


async def test_vllm_takes_lists_and_answers_as_if_asked_alone(vllm):
    assert vllm.features["prompt_lists"]
    requests = [*LISTINGS[:4], *CHOICES[:4]]

    together = await vllm.answer(requests)
    alone = [(await vllm.answer([request]))[0] for request in requests]

    assert [a.text for a in together] == [a.text for a in alone]
    assert sum(a.prompt_tokens for a in together) == sum(a.prompt_tokens for a in alone)


async def test_many_calls_at_once_get_their_own_answers(server):
    ensemble = ensemble_at(server.url, requests_in_flight=8)
    async with engines.connect(ensemble, store=NullStore()) as connected:
        engine = connected.engines["gemma"]
        calls = [engine.answer(LISTINGS[n : n + 5], priority=-n) for n in range(16)]
        answered = await asyncio.gather(*calls)

    for start, answers in enumerate(answered):
        names = NAMES[start : start + 5]
        assert all(name in answer.text for name, answer in zip(names, answers, strict=True))
