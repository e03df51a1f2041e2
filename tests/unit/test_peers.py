"""The benchmark ``peers``: what is counted, what counts as found, and what is asked."""

import asyncio
import os
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import orjson
import pytest
from bench.peers import DEMONSTRATIONS, HEAD, Engines, demonstrations
from bench.results import table
from peers import answers, by_tool
from peers.by_tool import question, read
from peers.counter import Counter, Counts, counted
from peers.question import loaded
from support.processes import until

from ner_core.ensemble import Ensemble
from ner_core.labels import EntityType, LabelSet
from ner_core.testing import ScriptedEngine
from ner_core.types import Demonstration, Span, TypedSpan
from streams.evaluation.tasks import Task

LABELS = LabelSet(
    "news",
    (EntityType("PER", "person", "a human"), EntityType("LOC", "place", "a spot on a map")),
)


def annotated(number, text, *entities):
    spans = tuple(TypedSpan(Span(start, end), kind) for start, end, kind in entities)
    return Demonstration(f"d-{number}", text, spans, "news")


POOL = tuple(
    annotated(n, f"Ada{n} slept.", (0, len(f"Ada{n}"), "PER")) if n % 2 else annotated(n, "Rain.")
    for n in range(40)
)
TASK = Task(
    name="news",
    labels=LABELS,
    queries=(annotated("a", "Bo Lind left Varna.", (0, 7, "PER"), (13, 18, "LOC")),),
    pool=POOL,
    commonest="PER",
    nested="flat",
    by="sentence",
    sentences=1,
)


async def post(url, body):
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as reply:
        return reply.status, await reply.read()


@asynccontextmanager
async def counter_of(engine):
    async with engine, Counter(engine.url) as counter:
        yield counter


def reply(prompt, cached, completion):
    details = {"cached_tokens": cached}
    usage = {"prompt_tokens": prompt, "completion_tokens": completion}
    return orjson.dumps({"usage": {**usage, "prompt_tokens_details": details}})


def test_a_question_counts_with_the_tokens_that_its_answer_reports():
    counts = counted(b'{"prompt": "x"}', reply(prompt=50, cached=32, completion=7))
    assert counts == Counts(1, 50, 32, 7)
    assert counts.computed_tokens == 18


def test_each_prompt_of_a_list_has_as_many_cached_tokens_as_the_last():
    counts = counted(b'{"prompt": ["x", "y"]}', reply(prompt=100, cached=32, completion=7))
    assert counts == Counts(1, 100, 64, 7)


def test_no_more_tokens_are_cached_than_were_sent():
    counts = counted(b'{"prompt": ["x", "y"]}', reply(prompt=50, cached=32, completion=7))
    assert counts.cached_tokens == 50


@pytest.mark.parametrize("received", [b"no JSON", b'{"error": {}}', b'{"usage": null}'])
def test_a_reply_without_usage_counts_as_a_request(received):
    assert counted(b"{}", received) == Counts(1)


async def test_the_answer_of_the_engine_comes_back_as_it_is():
    async with counter_of(ScriptedEngine(("tiny",))) as counter:
        body = {"model": "tiny", "prompt": "Say yes", "max_tokens": 9}
        status, content = await post(f"{counter.url}/completions", body)
    answer = orjson.loads(content)
    assert status == 200
    assert answer["choices"][0]["text"] == " yes"
    assert counter.counts == Counts(1, answer["usage"]["prompt_tokens"], 0, 1)


async def test_each_row_begins_with_a_cold_prefix_cache():
    async with counter_of(ScriptedEngine(("tiny",))) as counter:
        body = {"model": "tiny", "prompt": "word " * 200, "max_tokens": 9}
        cached = []
        for again in (False, True, False):
            if not again:
                counter.reset()
            await post(f"{counter.url}/completions", body)
            cached.append(counter.counts.cached_tokens)
    assert cached[0] == cached[2] == 0
    assert cached[1] > 0


async def test_a_refusal_comes_back_and_counts():
    async with counter_of(ScriptedEngine(("tiny",))) as counter:
        body = {"model": "other", "prompt": "Say yes", "max_tokens": 9}
        status, content = await post(f"{counter.url}/completions", body)
    assert status == 404
    assert b"does not exist" in content
    assert counter.counts == Counts(1)


async def test_an_engine_that_is_gone_is_a_bad_gateway():
    async with Counter("http://127.0.0.1:9/v1") as counter:
        status, content = await post(f"{counter.url}/completions", {})
    assert status == 502
    assert content
    assert counter.counts == Counts(1)


async def test_what_is_not_a_question_does_not_count():
    async with counter_of(ScriptedEngine(("tiny",))) as counter:
        for path in ("/models", "/../metrics"):
            async with aiohttp.ClientSession() as session, session.get(counter.url + path) as said:
                assert said.status == 200
    assert counter.counts == Counts()


def children():
    """Process ids of the children of this process."""
    return set(Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split())


async def test_a_tool_that_is_not_waited_for_any_more_is_ended(monkeypatch):
    monkeypatch.setattr(by_tool, "PYTHON", sys.executable)
    before = children()
    asked = by_tool.question(TASK, POOL[:1], "tiny", "http://127.0.0.1:9/v1")
    measuring = asyncio.create_task(by_tool.lines_of(("http.server", "0"), asked))

    async def runs():
        return bool(children() - before)

    await until(runs, "the tool runs")
    measuring.cancel()
    with pytest.raises(asyncio.CancelledError):
        await measuring
    assert not await runs()


def test_a_tools_names_of_types_become_ids_and_unknown_ones_nothing():
    line = {"entities": [(0, 7, "person"), (13, 18, "planet"), (8, 12, "none")], "failure": None}
    assert read(TASK, line).found == {(0, 7, "PER")}


def test_of_nested_entities_of_a_tool_the_outermost_counts_if_gold_is_flat():
    line = {"entities": [(0, 7, "person"), (0, 2, "person")], "failure": None}
    assert read(TASK, line).found == {(0, 7, "PER")}
    assert len(read(replace(TASK, nested="keep"), line).found) == 2


def test_whatever_a_tool_raises_is_a_failure_of_that_sentence_alone():
    def extract(sentence):
        if sentence == "bad":
            raise KeyError(sentence)
        return [(0, 1, "person")]

    lines = list(answers.lines(extract, ["a", "bad", "c"]))
    assert [line["failure"] for line in lines] == [None, "KeyError: 'bad'", None]
    assert [len(line["entities"]) for line in lines] == [1, 0, 1]


def test_all_tools_are_shown_the_same_demonstrations_which_have_entities():
    drawn = demonstrations(TASK, seed=1)
    assert len(drawn) == DEMONSTRATIONS
    assert all(one.entities for one in drawn)
    assert drawn == demonstrations(TASK, seed=1) != demonstrations(TASK, seed=2)


def test_a_question_arrives_as_it_was_sent_with_the_names_of_types():
    asked = question(TASK, POOL[1:2], "tiny", "http://here/v1")
    arrived = loaded(asked.dumped())
    assert arrived.types == {"person": "a human", "place": "a spot on a map"}
    assert arrived.demonstrations == [{"text": "Ada1 slept.", "entities": [[0, 4, "person"]]}]
    assert arrived.sentences == ["Bo Lind left Varna."]


def ensemble(backbone, encoder):
    return Ensemble.model_validate(
        {
            "name": "alone",
            "verifier": "tiny",
            "modes": {"rough_spans": "rules", "verify": "off", "demonstrations": 8},
            "backbone": [
                {"name": "tiny", "style": "pattern", "context_tokens": 9000, "url": backbone.url}
            ],
            "embedder": {"name": "encoder", "url": encoder.url},
        }
    )


@asynccontextmanager
async def scripted_engines():
    async with AsyncExitStack() as exits:
        backbone = await exits.enter_async_context(ScriptedEngine(("tiny",)))
        encoder = await exits.enter_async_context(ScriptedEngine(("encoder",)))
        yield backbone, await Engines.opened(exits, ensemble(backbone, encoder))


async def test_tagwire_is_counted_by_the_same_counter_without_its_probes():
    async with scripted_engines() as (backbone, engines):
        row = await engines.ask_tagwire("Tagwire", engines.ensemble, TASK)
    assert 0 < row.counts.requests < backbone.bodies
    assert row.counts.prompt_tokens > row.counts.completion_tokens > 0
    assert row.encoder.requests > 0
    assert (row.failures, row.scores.predicted, row.scores.gold) == (0, 2, 2)


async def test_tagwire_is_shown_the_demonstrations_of_the_others():
    drawn = demonstrations(TASK, seed=1)
    async with scripted_engines() as (backbone, engines):
        await engines.ask_tagwire("Tagwire", engines.ensemble, replace(TASK, pool=drawn))
        asked = orjson.dumps(backbone.last_body).decode()
    assert all(one.text in asked for one in drawn)


async def test_a_question_that_the_engine_refuses_is_a_failure_of_that_sentence():
    other = annotated("b", "Cy Holt stayed.", (0, 7, "PER"))
    task = replace(TASK, queries=(*TASK.queries, other), sentences=2)
    async with scripted_engines() as (backbone, engines):
        backbone.faults.refuse_on, backbone.faults.status = "Cy Holt", 400
        row = await engines.ask_tagwire("Tagwire", engines.ensemble, task)
    assert (row.failures, row.scores.gold, row.scores.predicted) == (1, 3, 2)


async def test_a_row_of_the_table_is_per_sentence():
    async with scripted_engines() as (_, engines):
        row = await engines.ask_tagwire("Tagwire", engines.ensemble, TASK)
    halved = replace(row, sentences=2).cells()
    assert float(halved[2]) == pytest.approx(row.counts.requests / 2, abs=0.05)
    assert table(HEAD, [halved]).count("\n") == 2
