"""An engine that does not answer is lag; a document that kills it again and again is dead."""

import asyncio

import pytest
from structlog.contextvars import bound_contextvars, get_contextvars
from support.pipelines import DOCUMENT as PIPELINE_DOCUMENT
from support.pipelines import pipeline

from ner_core.errors import (
    EngineBusyError,
    EngineDownError,
    EngineLostError,
    EngineRequestError,
    EngineTimeoutError,
)
from ner_core.testing import RuleEngine
from ner_core.types import Document
from streams.worker.backoff import Backoff
from streams.worker.metrics import Metrics
from streams.worker.retries import (
    Attempts,
    DocumentTimeoutError,
    KillsEngineError,
    Retries,
)
from streams.worker.solitude import Solitude

DOCUMENT = Document("a", "text")
QUICK = Backoff(first_s=0.001, cap_s=0.002)


async def answering(_model):
    return True


def retries(*outcomes, canaries=(), document_timeout_s=60):
    """Retries over a tagger that raises or gives each outcome in turn."""
    waiting, asked = list(outcomes), list(canaries)

    async def tag(_document, **_):
        await asyncio.sleep(0)
        outcome = waiting.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def canary(_model):
        return asked.pop(0) if asked else True

    made = Retries(
        tag, canary, backoff=QUICK, document_timeout_s=document_timeout_s, metrics=Metrics()
    )
    made.left = lambda: (len(waiting), len(asked))
    return made


async def test_a_busy_engine_is_asked_until_it_answers():
    attempts, busy = Attempts(), EngineBusyError("gemma", "queue full")

    assert await retries(*[busy] * 5, "done").tag(DOCUMENT, attempts) == "done"
    assert (attempts.count, attempts.deaths) == (6, 0)


async def test_a_document_keeps_its_place_at_the_engines_however_often_it_is_tried():
    priorities = []

    async def tag(_document, *, priority):
        priorities.append(priority)
        if len(priorities) < 3:
            raise EngineBusyError("gemma", "queue full")
        return "done"

    made = Retries(tag, answering, backoff=QUICK, document_timeout_s=60, metrics=Metrics())
    earlier, later = Attempts(), Attempts()
    await made.tag(DOCUMENT, later)

    assert priorities == [later.priority] * 3
    assert earlier.priority < later.priority


async def test_an_engine_that_is_down_is_waited_for_and_blames_no_document():
    attempts, down = Attempts(), EngineDownError("gemma", "refused")
    made = retries(*[down] * 6, "done", canaries=[False, False, True])

    assert await made.tag(DOCUMENT, attempts) == "done"
    assert attempts.deaths == 0
    assert made.left() == (0, 0)


async def test_two_deaths_are_forgiven_and_the_third_is_the_document_s():
    lost = EngineLostError("gemma", "died")

    assert await retries(lost, lost, "done").tag(DOCUMENT, Attempts()) == "done"
    with pytest.raises(KillsEngineError, match="gemma was lost 3 times"):
        await retries(lost, lost, lost, "never").tag(DOCUMENT, Attempts())


async def test_a_request_that_no_retry_helps_is_not_tried_again():
    attempts = Attempts()

    with pytest.raises(EngineRequestError):
        await retries(EngineRequestError("gemma", "400"), "never").tag(DOCUMENT, attempts)
    assert attempts.count == 1


async def test_after_two_deaths_a_document_is_tried_while_no_other_is():
    together, most = [], []
    deaths = {"poison": 2}

    async def tag(document, **_):
        together.append(document.id)
        most.append(sorted(together))
        await asyncio.sleep(0.005)
        together.remove(document.id)
        if deaths.get(document.id):
            deaths[document.id] -= 1
            raise EngineLostError("gemma", "died")
        return document.id

    async def canary(_model):
        return True

    made = Retries(tag, canary, backoff=QUICK, document_timeout_s=60, metrics=Metrics())
    names = ["poison", *(f"good {n}" for n in range(20))]

    async def one(name, after_s):
        await asyncio.sleep(after_s)
        return await made.tag(Document(name, "text"), Attempts())

    done = await asyncio.gather(*(one(name, n * 0.002) for n, name in enumerate(names)))

    assert done == names
    with_poison = [company for company in most if "poison" in company]
    assert with_poison[-1] == ["poison"]
    assert len(with_poison) >= 3


async def test_a_document_that_always_takes_too_long_is_dead_and_says_so():
    slow = EngineTimeoutError("gemma", "no reply within 60 s")

    async def tag(_document, **_):
        await asyncio.sleep(0.005)
        raise slow

    made = Retries(tag, answering, backoff=QUICK, document_timeout_s=0.3, metrics=Metrics())
    attempts = Attempts()

    with pytest.raises(DocumentTimeoutError, match="no reply within 60 s"):
        await made.tag(DOCUMENT, attempts)
    assert attempts.count > 1


async def test_an_attempt_that_never_ends_is_ended():
    async def tag(_document, **_):
        await asyncio.Event().wait()

    made = Retries(tag, answering, backoff=QUICK, document_timeout_s=0.01, metrics=Metrics())

    with pytest.raises(DocumentTimeoutError, match=r"document_timeout_s = 0\.01; attempts: 1"):
        await made.tag(DOCUMENT, Attempts())


async def test_a_time_out_that_is_not_ours_passes():
    async def tag(_document, **_):
        raise TimeoutError("somebody else's")

    made = Retries(tag, answering, backoff=QUICK, document_timeout_s=60, metrics=Metrics())

    with pytest.raises(TimeoutError, match="somebody else's"):
        await made.tag(DOCUMENT, Attempts())


async def test_waiting_for_an_engine_that_is_down_does_not_count():
    made = retries(
        EngineDownError("gemma", "refused"), "done", canaries=[False, False], document_timeout_s=0.3
    )
    made._backoff = Backoff(first_s=0.4, cap_s=0.4)

    assert await made.tag(DOCUMENT, Attempts()) == "done"
    assert made.left() == (0, 0)


async def test_an_engine_that_answers_again_is_forgotten():
    made = retries(EngineDownError("gemma", "refused"), "done")

    await made.tag(DOCUMENT, Attempts())

    assert made._recoveries == {}


async def test_a_canary_that_breaks_is_no_document_s_fault():
    broken = [KeyError("gemma")]

    async def canary(_model):
        if broken:
            raise broken.pop()
        return True

    outcomes = [EngineDownError("gemma", "refused"), "done"]

    async def tag(_document, **_):
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    made = Retries(tag, canary, backoff=QUICK, document_timeout_s=60, metrics=Metrics())

    assert await made.tag(DOCUMENT, Attempts()) == "done"
    assert broken == []


class Busy(RuleEngine):
    """Refuses, as an engine with a full queue does."""

    async def answer(self, _requests, **_):
        await asyncio.sleep(0)
        raise EngineBusyError(self.model, "queue full")


class Slow(RuleEngine):
    """Takes its time; counts the calls it works on."""

    calls = 0

    async def answer(self, requests, **options):
        self.calls += 1
        try:
            await asyncio.sleep(0.05)
            return await super().answer(requests, **options)
        finally:
            self.calls -= 1


async def test_a_failed_attempt_leaves_no_question_of_its_own_with_the_other_models():
    slow, left = Slow("slow"), []
    tagging = await pipeline(Busy("busy"), slow)

    async def tag(document, **_):
        try:
            return await tagging.tag(document)
        except EngineBusyError:
            left.append(slow.calls)
            raise EngineRequestError("busy", "enough") from None

    made = Retries(tag, answering, backoff=QUICK, document_timeout_s=60, metrics=Metrics())
    with pytest.raises(EngineRequestError):
        await made.tag(PIPELINE_DOCUMENT, Attempts())

    assert left == [0]


async def test_a_holder_that_is_cancelled_twice_still_wakes_those_who_wait():
    solitude = Solitude()

    async def hold():
        async with solitude.company():
            await asyncio.Event().wait()

    async def alone():
        async with solitude.alone():
            return "alone"

    holding = asyncio.create_task(hold())
    await asyncio.sleep(0)
    waiting = asyncio.create_task(alone())
    await asyncio.sleep(0)
    holding.cancel()
    await asyncio.sleep(0)
    holding.cancel()

    assert await asyncio.wait_for(waiting, 1) == "alone"


async def test_waiting_for_an_engine_is_no_part_of_the_document_that_noticed_first():
    made, seen = retries(EngineLostError("gemma", "gone"), "done"), []

    async def canary(_model):
        seen.append(get_contextvars())
        return True

    made._canary = canary
    with bound_contextvars(document_id="a"):
        await made.tag(DOCUMENT, Attempts())

    assert seen == [{}]
