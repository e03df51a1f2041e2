"""How a document waits for its engines, and what is logged and counted meanwhile."""

import asyncio
from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs
from support.clock import Clock

from ner_core.engines.priority_semaphore import PrioritySemaphore
from ner_core.errors import EngineBusyError, EngineDownError, EngineLostError
from ner_core.types import Document
from streams.worker import stopwatch
from streams.worker.metrics import Metrics
from streams.worker.retries import Attempts, DocumentTimeoutError, Retries

BUSY = EngineBusyError("gemma", "queue full")
DOWN = EngineDownError("gemma", "refused")
LOST = EngineLostError("gemma", "died")


class NoWait:
    """A back-off that only remembers what it was asked: after how many failures, at least what."""

    def __init__(self):
        self.failures, self.at_least_s = [], []

    def wait_s(self, failures, at_least_s=0):
        self.failures.append(failures)
        self.at_least_s.append(at_least_s)
        return 0


class Engines:
    """What tags and what answers canaries, step by step; ``gates`` hold documents and canaries."""

    def __init__(self, *outcomes, canaries=(), document_timeout_s=60):
        self.outcomes, self.canaries = list(outcomes), list(canaries)
        self.running, self.asked, self.gates = [], [], {}
        self.backoff, self.metrics = NoWait(), Metrics()
        self.retries = Retries(
            self.tag,
            self.canary,
            backoff=self.backoff,
            document_timeout_s=document_timeout_s,
            metrics=self.metrics,
        )

    async def gate(self, name):
        if name in self.gates:
            await self.gates[name].wait()

    async def tag(self, document, **_):
        self.running.append(document.id)
        try:
            await self.gate(document.id)
        finally:
            self.running.remove(document.id)
        outcome = self.outcomes.pop(0) if self.outcomes else "done"
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def canary(self, model):
        self.asked.append(model)
        await self.gate(model)
        answer = self.canaries.pop(0) if self.canaries else True
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self, *names):
        for name in names:
            self.gates[name] = asyncio.Event()

    def start(self, name, attempts=None):
        return asyncio.create_task(
            self.retries.tag(Document(name, "text"), attempts or Attempts()), name=name
        )


async def settle():
    for _ in range(20):
        await asyncio.sleep(0)


async def logged(engines, document="a", attempts=None):
    with capture_logs() as logs:
        await engines.retries.tag(Document(document, "text"), attempts or Attempts())
    return logs


async def test_an_attempt_that_failed_is_logged_and_counted_by_its_error():
    engines = Engines(BUSY, BUSY)

    logs = await logged(engines)

    assert logs == [
        {
            "event": "engine did not answer",
            "log_level": "warning",
            "document": "a",
            "error": str(BUSY),
            "attempt": number,
        }
        for number in (1, 2)
    ]
    figure = engines.metrics.registry.get_sample_value
    assert figure("tagwire_retries_total", {"error": BUSY.code}) == 2


async def test_the_return_of_an_engine_is_logged():
    logs = await logged(Engines(DOWN))

    assert logs[-1] == {"event": "engine answers again", "log_level": "info", "model": "gemma"}


async def test_a_canary_that_breaks_is_logged_and_asked_again():
    engines = Engines(DOWN, canaries=[KeyError("gemma")])

    logs = await logged(engines)

    assert logs[1] == {
        "event": "the canary failed",
        "log_level": "error",
        "exc_info": True,
        "model": "gemma",
    }
    assert engines.asked == ["gemma", "gemma"]


async def test_no_log_line_of_a_retry_is_long():
    logs = await logged(Engines(EngineBusyError("gemma", "e" * 5000)), document="i" * 5000)

    assert max(len(logs[0][name]) for name in ("document", "error")) <= 1024


async def test_the_wait_for_a_busy_engine_grows_with_the_attempts_of_the_document():
    engines = Engines(BUSY, BUSY, BUSY)

    await engines.retries.tag(Document("a", "text"), Attempts())

    assert engines.backoff.failures == [1, 2, 3]


async def test_a_busy_engine_is_not_asked_before_the_time_it_names():
    engines = Engines(EngineBusyError("gemma", "queue full", retry_after_s=7), BUSY)

    await engines.retries.tag(Document("a", "text"), Attempts())

    assert engines.backoff.at_least_s == [7, 0]


async def test_the_wait_for_an_engine_that_is_down_grows_with_its_canaries():
    engines = Engines(DOWN, canaries=[False, False, True])

    await engines.retries.tag(Document("a", "text"), Attempts())

    assert engines.backoff.failures == [1, 2, 3]
    assert engines.asked == ["gemma"] * 3


async def test_nothing_is_tried_while_an_engine_is_down():
    engines = Engines(DOWN)
    engines.close("gemma")
    tasks = [engines.start("a")]
    await settle()
    tasks.append(engines.start("b"))
    await settle()
    assert engines.running == []
    assert engines.asked == ["gemma"]

    engines.gates["gemma"].set()
    assert await asyncio.gather(*tasks) == ["done", "done"]


async def test_documents_that_lost_one_engine_wait_on_one_canary():
    engines = Engines(LOST, LOST)
    engines.close("a", "b", "gemma")
    tasks = [engines.start("a"), engines.start("b")]
    await settle()
    engines.gates["a"].set()
    engines.gates["b"].set()
    await settle()
    assert engines.asked == ["gemma"]

    engines.gates["gemma"].set()
    await asyncio.gather(*tasks)
    assert engines.asked == ["gemma"]


async def test_every_engine_that_was_lost_has_a_canary_of_its_own():
    engines = Engines(LOST, EngineLostError("smollm2", "died"))
    engines.close("a", "b", "gemma", "smollm2")
    tasks = [engines.start("a"), engines.start("b")]
    await settle()
    for name in "ab":
        engines.gates[name].set()
    await settle()
    engines.gates["gemma"].set()
    await settle()
    assert (sorted(engines.asked), engines.running) == (["gemma", "smollm2"], [])

    engines.gates["smollm2"].set()
    assert await asyncio.gather(*tasks) == ["done", "done"]


@pytest.mark.parametrize(("deaths", "together"), [(0, True), (1, True), (2, False), (3, False)])
async def test_a_document_in_flight_at_two_deaths_is_tried_alone(deaths, together):
    engines = Engines()
    engines.close("good", "suspect")
    tasks = [engines.start("good")]
    await settle()
    tasks.append(engines.start("suspect", Attempts(deaths=deaths)))
    await settle()
    assert engines.running == (["good", "suspect"] if together else ["good"])

    engines.gates["good"].set()
    await settle()
    assert engines.running == ["suspect"]
    engines.gates["suspect"].set()
    assert await asyncio.gather(*tasks) == ["done", "done"]


async def test_the_time_of_all_attempts_is_summed_and_that_between_them_is_not(monkeypatch):
    clock, attempts = Clock(), Attempts()
    monkeypatch.setattr(stopwatch, "time", SimpleNamespace(monotonic=clock))
    engines = Engines(BUSY, BUSY)
    tag, wait_s = engines.tag, engines.backoff.wait_s

    async def slow(document, **_):
        clock.now += 5
        return await tag(document)

    def long(failures, at_least_s):
        clock.now += 1000
        return wait_s(failures, at_least_s)

    engines.retries._tag, engines.backoff.wait_s = slow, long
    await engines.retries.tag(Document("a", "text"), attempts)

    assert attempts.worked_s == 15


async def test_what_earlier_attempts_took_is_missing_to_the_next():
    engines = Engines(document_timeout_s=3600)
    engines.close("a")
    attempts = Attempts(count=1, worked_s=3600, last_error="queue full")

    with pytest.raises(DocumentTimeoutError) as raised:
        await asyncio.wait_for(engines.retries.tag(Document("a", "text"), attempts), 10)

    assert str(raised.value) == (
        "not tagged within document_timeout_s = 3600; attempts: 2; last error: queue full"
    )


async def test_a_document_that_never_failed_before_has_no_last_error():
    engines = Engines(document_timeout_s=0.01)
    engines.close("a")

    with pytest.raises(DocumentTimeoutError, match=r"attempts: 1; last error: none$"):
        await engines.retries.tag(Document("a", "text"), Attempts())


async def test_a_document_waits_behind_others_longer_than_its_time_limit():
    gate, others_are_done = PrioritySemaphore(1), asyncio.Event()

    async def tag(_document, **_):
        async with gate.enter():
            return "done"

    async def others():
        async with gate.enter():
            await others_are_done.wait()

    engines = Engines(document_timeout_s=0.01)
    engines.retries._tag = tag
    ahead = asyncio.create_task(others())
    await asyncio.sleep(0)
    tagging = asyncio.create_task(engines.retries.tag(Document("a", "text"), Attempts()))
    dead, _ = await asyncio.wait([tagging], timeout=0.1)
    assert not dead

    others_are_done.set()
    assert await tagging == "done"
    await ahead
