"""The bias of members is measured on demonstrations, once, and taken out of their votes."""

import asyncio

import pytest
from support.pipelines import DOCUMENT, Fixed, pipeline

from ner_core.engines.cached import CachedEngine
from ner_core.errors import EngineRequestError, EngineTimeoutError
from ner_core.labels import SHIPPED, load_label_sets
from ner_core.modes import Modes
from ner_core.pool.contents import encoded
from ner_core.pool.pool import GrowingPool, build_pool
from ner_core.ports import Answer, Request
from ner_core.stages.label_bias import sample_of
from ner_core.testing import HashEmbedder, InMemoryStore, RuleEngine
from ner_core.types import Demonstration, Document, Span, TypedSpan

NEWS = load_label_sets(SHIPPED)["news"]


def demonstration(number, kind, text="Nora left on day {}."):
    span = Span(text.index("N"), text.index("N") + 4)
    return Demonstration(f"d{number}", text.format(number), (TypedSpan(span, kind),), "news")


PERSONS = [demonstration(n, "person") for n in range(20)]
PLACES = [demonstration(n, "location", text="She saw Nora on day {}.") for n in range(20, 40)]
MANY = PERSONS + PLACES


async def shelf_of(demonstrations):
    pool = await build_pool(demonstrations, embedder=HashEmbedder(), modes=Modes())
    return pool.shelves["news"]


def types_asked(sample):
    return sorted(kind for types in sample.asked.values() for kind in types.values())


class Favoring(RuleEngine):
    """Says that every name is a person, a little less surely if it is Varna."""

    def _answer(self, request: Request) -> Answer:
        if " yes" in request.choices or not request.choices:
            return super()._answer(request)
        person = 0.6 if request.prompt.endswith('{"Varna": "') else 0.9
        return Answer("person", probabilities={"person": person, "location": 1 - person})


def types_of(tagged, text):
    return {e.type for e in tagged.entities if e.text == text}


async def test_a_member_that_calls_everything_a_person_is_heard_where_it_is_less_sure():
    as_it_says = await (await pipeline(Favoring("a"), pool=MANY, verify="off")).tag(DOCUMENT)
    without = await pipeline(Favoring("a"), pool=MANY, verify="off", bias_mentions=4)
    tagged = await without.tag(DOCUMENT)

    assert types_of(as_it_says, "Varna") == {"person"}
    assert types_of(tagged, "Varna") == {"location"}
    assert types_of(tagged, "Ada Kern") == {"person"}


async def test_a_sample_has_as_many_names_of_each_type_and_shows_others():
    sample = sample_of(await shelf_of(MANY), NEWS, Modes(bias_mentions=3, demonstrations=4))

    assert types_asked(sample) == 3 * ["location"] + 3 * ["person"]
    assert len(sample.shown) == 4
    assert {d.text for d in sample.shown}.isdisjoint(s.text for s in sample.asked)


async def test_a_sample_does_not_depend_on_the_order_in_which_demonstrations_came():
    modes = Modes(bias_mentions=3)

    there = sample_of(await shelf_of(MANY), NEWS, modes)
    back = sample_of(await shelf_of(MANY[::-1]), NEWS, modes)

    assert there == back


async def test_of_few_demonstrations_half_are_shown():
    sample = sample_of(await shelf_of(PERSONS[:5]), NEWS, Modes(bias_mentions=4))

    assert (len(sample.shown), len(sample.asked)) == (2, 3)


async def test_texts_longer_than_sentences_of_documents_are_no_part_of_a_sample():
    long = demonstration(0, "person", text="Nora left. " * 55)
    shelf = await shelf_of([long, *PERSONS[1:3]])

    sample = sample_of(shelf, NEWS, Modes(bias_mentions=4))

    assert long.text not in {*(s.text for s in sample.asked), *(d.text for d in sample.shown)}
    assert sample.asked


async def test_a_pool_without_entities_shows_no_bias():
    empty = [Demonstration(f"e{n}", "It rains.", (), "news") for n in range(3)]
    asked = await pipeline(RuleEngine("a"), pool=empty, bias_mentions=4)

    assert (await asked.tag(DOCUMENT)).entities


async def test_documents_at_the_same_time_wait_for_one_measurement():
    engine = RuleEngine("a")
    asked = await pipeline(engine, pool=MANY, verify="off", bias_mentions=2)

    tagged = await asyncio.gather(*(asked.tag(Document(f"{n}", "Ada came.")) for n in range(5)))

    measured = [t for t in tagged if ("bias", "a") in t.counts]
    assert [t.counts["bias", "a"].requests for t in measured] == [4]


async def test_the_bias_is_measured_again_when_other_names_are_drawn_only():
    asked = await pipeline(RuleEngine("a"), pool=MANY, verify="off", bias_mentions=2)
    modes, counts = asked.ensemble.modes, []

    for demonstrations in (MANY, MANY[::-1], PERSONS):
        asked.pool = await build_pool(demonstrations, embedder=HashEmbedder(), modes=modes)
        counts.append((await asked.tag(DOCUMENT)).counts)

    assert [("bias", "a") in each for each in counts] == [True, False, True]


async def test_a_demonstration_that_was_removed_is_not_drawn():
    pool = GrowingPool(HashEmbedder(), Modes())
    before = await pool.change({d.id: encoded(d) for d in MANY})
    first = sample_of(before.shelves["news"], NEWS, Modes(bias_mentions=1)).shown[0]

    without = await pool.change({first.id: None})

    after = sample_of(without.shelves["news"], NEWS, Modes(bias_mentions=1))
    assert first not in after.shown
    assert first.text not in {sentence.text for sentence in after.asked}


async def test_a_measurement_that_failed_is_made_again_for_the_next_document():
    class Late(RuleEngine):
        """Times out once."""

        timeouts = 1

        async def answer(self, requests, *, priority=0):
            if self.timeouts:
                self.timeouts -= 1
                raise EngineTimeoutError(self.model, "no answer")
            return await super().answer(requests, priority=priority)

    asked = await pipeline(Late("a"), pool=MANY, verify="off", bias_mentions=2)

    with pytest.raises(EngineTimeoutError):
        await asked.tag(DOCUMENT)
    assert ("bias", "a") in (await asked.tag(DOCUMENT)).counts


async def test_a_measurement_that_fails_fails_once_for_all_documents_that_wait_for_it():
    class Hanging(RuleEngine):
        """Times out, and counts how often it was asked."""

        calls = 0

        async def answer(self, *_requests, **_priority):
            self.calls += 1
            await asyncio.sleep(0)
            raise EngineTimeoutError(self.model, "no answer")

    engine = Hanging("a")
    asked = await pipeline(engine, pool=MANY, verify="off", bias_mentions=2)

    failed = await asyncio.gather(
        *(asked.tag(Document(f"{n}", "Ada came.")) for n in range(5)), return_exceptions=True
    )

    assert [type(each) for each in failed] == [EngineTimeoutError] * 5
    assert engine.calls == 1


class Slow(RuleEngine):
    """Answers when it may."""

    def __init__(self):
        super().__init__("a")
        self.may, self.begun, self.cancelled = asyncio.Event(), asyncio.Event(), False

    async def answer(self, requests, *, priority=0):
        self.begun.set()
        try:
            await self.may.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        return await super().answer(requests, priority=priority)


async def test_a_document_that_is_cancelled_takes_no_measurement_from_the_others():
    engine = Slow()
    asked = await pipeline(engine, pool=MANY, verify="off", bias_mentions=2)
    first, second = (asyncio.create_task(asked.tag(Document(n, "Ada came."))) for n in "12")
    await engine.begun.wait()

    first.cancel()
    engine.may.set()

    assert (await second).entities
    assert not engine.cancelled


async def test_documents_of_two_pools_have_each_its_own_measurement():
    engine = Slow()
    asked = await pipeline(engine, pool=MANY, verify="off", bias_mentions=2)
    before = [asyncio.create_task(asked.tag(Document(n, "Ada came."))) for n in "12"]
    await engine.begun.wait()
    modes = asked.ensemble.modes
    asked.pool = await build_pool(PERSONS, embedder=HashEmbedder(), modes=modes)
    after = [asyncio.create_task(asked.tag(Document(n, "Ada came."))) for n in "34"]
    engine.may.set()

    tagged = await asyncio.gather(*before, *after)

    assert sum(("bias", "a") in each.counts for each in tagged) == 2


async def test_a_measurement_that_nobody_waits_for_ends():
    engine = Slow()
    asked = await pipeline(engine, pool=MANY, verify="off", bias_mentions=2)
    alone = asyncio.create_task(asked.tag(DOCUMENT))
    await engine.begun.wait()

    alone.cancel()
    await asyncio.wait([alone])
    engine.may.set()

    assert (await asked.tag(DOCUMENT)).entities
    assert engine.cancelled


async def test_a_demonstration_that_the_engine_refuses_is_left_out_and_noted():
    class Filtering(RuleEngine):
        """Refuses questions about a text, as a filter of contents does."""

        async def answer(self, requests, *, priority=0):
            if any("Nora left on day 3." in str(r.prompt).rsplit("Text:", 1)[1] for r in requests):
                raise EngineRequestError(self.model, "filtered")
            return await super().answer(requests, priority=priority)

    asked = await pipeline(Filtering("a"), pool=MANY, verify="off", bias_mentions=20)

    tagged = await asked.tag(DOCUMENT)

    assert tagged.entities
    assert ("bias_incomplete", "a") in {(w.code, w.model) for w in tagged.warnings}


async def test_what_was_asked_once_comes_from_the_store_after_a_restart():
    store = InMemoryStore()

    async def counts():
        engine = CachedEngine(RuleEngine("a"), store)
        asked = await pipeline(engine, pool=MANY, verify="off", bias_mentions=2)
        return (await asked.tag(DOCUMENT)).counts["bias", "a"]

    first, second = await counts(), await counts()

    assert (first.cache_hits, second.cache_hits) == (0, second.requests)


async def test_a_server_without_probabilities_is_heard_as_it_is():
    class Plain(Fixed):
        def _answer(self, request: Request) -> Answer:
            return Answer(super()._answer(request).text)

    asked = await pipeline(Plain("a", kind="person"), pool=MANY, verify="off", bias_mentions=2)

    assert {e.type for e in (await asked.tag(DOCUMENT)).entities} == {"person"}


async def test_without_the_mode_nothing_more_is_asked_and_the_fingerprint_does_not_name_it():
    off = await pipeline(RuleEngine("a"), pool=MANY, verify="off")
    on = await pipeline(RuleEngine("a"), pool=MANY, verify="off", bias_mentions=2)

    assert ("bias", "a") not in (await off.tag(DOCUMENT)).counts
    assert "bias_mentions" not in off.describe("news")["modes"]
    assert off.fingerprint("news") != on.fingerprint("news")
