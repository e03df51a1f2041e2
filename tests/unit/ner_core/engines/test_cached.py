"""What was asked before is not asked again."""

import asyncio

import pytest
from support.stores import CountingStore

from ner_core.engines.cached import CachedEmbedder, CachedEngine
from ner_core.errors import EngineBusyError
from ner_core.ports import Message, Request
from ner_core.testing import HashEmbedder, InMemoryStore, RuleEngine

PATTERN = "- person\n- city\n\nText: {} left Lindholm.\nEntities:"
QUESTION = Request(PATTERN.format("Ada"), 24)


def questions(count):
    return [QUESTION._replace(prompt=PATTERN.format(f"Ada{n}")) for n in range(count)]


class FailingEngine(RuleEngine):
    """Refuses one prompt; counts what is in flight."""

    def __init__(self, refused=None):
        super().__init__("a")
        self.refused = refused
        self.in_flight = 0
        self.answered = asyncio.Event()

    async def answer(self, requests, *, priority=0):
        answers = []
        self.in_flight += 1
        try:
            for request in requests:
                await asyncio.sleep(0)
                if request == self.refused:
                    raise EngineBusyError(self.model, "scripted")
                answers += await super().answer([request], priority=priority)
                self.answered.set()
        finally:
            self.in_flight -= 1
        return answers


@pytest.fixture
def store():
    return CountingStore()


async def test_answers_are_in_the_order_of_the_questions(store):
    asked = questions(5)
    fresh = await RuleEngine("a").answer(asked)
    cached = CachedEngine(RuleEngine("a"), store)
    await cached.answer([asked[3], asked[1]])

    answers = await cached.answer(asked)

    assert [a.text for a in answers] == [a.text for a in fresh]
    assert [a.stored for a in answers] == [False, True, False, True, False]


async def test_equal_questions_are_asked_once(store):
    engine = RuleEngine("a")
    one, two = questions(2)

    answers = await CachedEngine(engine, store).answer([one, two, one])

    assert engine.asked == [one, two]
    assert answers[0] == answers[2] != answers[1]


async def test_a_call_reads_once_and_writes_once(store):
    cached = CachedEngine(RuleEngine("a"), store)

    await cached.answer(questions(64))
    assert (store.reads, store.writes) == (1, 1)

    await cached.answer(questions(64))
    assert (store.reads, store.writes) == (2, 1)


async def test_no_question_has_no_answer(store):
    assert await CachedEngine(RuleEngine("a"), store).answer([]) == []


async def test_a_failed_call_keeps_what_was_answered_and_a_retry_asks_only_the_rest(store):
    asked = questions(64)
    engine = FailingEngine(refused=asked[40])
    cached = CachedEngine(engine, store)

    with pytest.raises(EngineBusyError):
        await cached.answer(asked)
    assert len(store.values) == len(engine.asked) >= 40
    assert engine.in_flight == 0

    engine.refused = None
    answers = await cached.answer(asked)

    assert [a.text for a in answers] == [a.text for a in await RuleEngine("a").answer(asked)]
    assert len(engine.asked) == 64


async def test_a_cancelled_call_keeps_what_was_answered(store):
    engine, asked = FailingEngine(), questions(8)
    task = asyncio.create_task(CachedEngine(engine, store).answer(asked))
    await engine.answered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert len(store.values) == len(engine.asked) > 0
    assert engine.in_flight == 0


async def test_a_stored_answer_is_what_the_engine_said(store):
    choosing = QUESTION._replace(
        prompt='- person\n- city\n\nText: Varna.\nEntities: {"Varna": "',
        choices=("person", "city", "none"),
    )  # fmt: skip
    cached = CachedEngine(RuleEngine("a"), store)
    [fresh] = await cached.answer([choosing])
    [stored] = await cached.answer([choosing])

    assert fresh.probabilities
    assert stored == fresh._replace(stored=True, prompt_tokens=0, completion_tokens=0)


async def test_an_answer_that_was_cut_is_known_to_be_cut(store):
    class Cut(RuleEngine):
        async def answer(self, requests, *, priority=0):
            answers = await super().answer(requests, priority=priority)
            return [answer._replace(complete=False) for answer in answers]

    cached = CachedEngine(Cut("a"), store)
    await cached.answer([QUESTION])
    [stored] = await cached.answer([QUESTION])

    assert stored.stored
    assert not stored.complete


async def keys_of(request=QUESTION, *, revision="1", features=(), priority=0):
    engine, store = RuleEngine("a"), InMemoryStore()
    engine.revision, engine.features = revision, dict.fromkeys(features, True)
    await CachedEngine(engine, store).answer([request], priority=priority)
    return set(store.values)


@pytest.mark.parametrize(
    "other",
    [
        {"revision": "2"},
        {"features": ["choices"]},
        {"features": ["logprobs"]},
        {"features": ["schema"]},
        {"request": QUESTION._replace(prompt=QUESTION.prompt + " ")},
        {"request": QUESTION._replace(prompt=(Message("user", QUESTION.prompt),))},
        {"request": QUESTION._replace(prompt=(Message("system", QUESTION.prompt),))},
        {"request": QUESTION._replace(max_tokens=25)},
        {"request": QUESTION._replace(stop=("\n",))},
        {"request": QUESTION._replace(choices=("person",))},
        {"request": QUESTION._replace(schema={"type": "object"})},
    ],
    ids=" ".join,
)
async def test_whatever_can_change_an_answer_is_asked_for_again(other):
    assert await keys_of() != await keys_of(**other)


@pytest.mark.parametrize(
    "other",
    [
        {"features": ["cached_tokens"]},
        {"features": ["priority"]},
        {"features": ["prompt_lists"]},
        {"priority": 3},
    ],
)
async def test_what_changes_only_the_cost_is_not_asked_for_again(other):
    assert await keys_of() == await keys_of(**other)


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"{",
        b"null",
        b'"text"',
        b"[]",
        b'["text",true]',
        b'["text",true,null,1]',
        b"[1,true,null]",
        b'["text",1,null]',
        b'["text",true,[]]',
        b'["text",true,{"a":"b"}]',
    ],
)
async def test_a_stored_answer_that_cannot_be_read_is_asked_for_again(store, broken):
    engine = RuleEngine("a")
    cached = CachedEngine(engine, store)
    [fresh] = await cached.answer([QUESTION])
    [key] = store.values
    store.values[key] = broken

    assert await cached.answer([QUESTION]) == [fresh]
    assert len(engine.asked) == 2
    [stored] = await cached.answer([QUESTION])
    assert stored.stored


async def test_answers_of_another_format_are_never_met(store):
    await CachedEngine(RuleEngine("a"), store).answer([QUESTION])
    await CachedEmbedder(HashEmbedder(), store, length=64).embed(["a"])
    answer, vector = store.values

    assert answer.startswith("tagwire:answer:2:")
    assert vector.startswith("tagwire:vector:2:")


def test_both_show_the_revision_of_what_is_behind_them(store):
    engine = RuleEngine("a")
    cached = CachedEngine(engine, store)

    assert (cached.model, cached.revision, cached.features) == ("a", "rules 1", engine.features)
    assert CachedEmbedder(HashEmbedder(), store, length=64).revision == "hashed trigrams"
