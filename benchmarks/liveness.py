"""Is a saturated engine left alone, and how soon is a frozen one found?

    make bench BENCH='liveness --minutes 10'

Supervises a scripted engine under the policy for a GPU. First the engine is saturated: no canary is
answered, while vLLM's counter of iterations moves. Then its core freezes: the counter stands still,
and ``/health`` is still 200. The figures are of the supervisor, not of a model.
"""

import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import httpx2

from streams.host.service import Change
from streams.serving.supervisor import Place, running_engines
from streams.serving.vllm_command import EngineProcess

PORT = 18101
FOUND_TIMEOUT_S = 300.0


def scripted() -> EngineProcess:
    """Return an engine that answers by rules."""
    command = (sys.executable, "-m", "ner_core.testing", "--port", str(PORT), "--model", "gemma")
    return EngineProcess("gemma", is_embedder=False, host="127.0.0.1", port=PORT, command=command)


@dataclass(frozen=True, slots=True)
class Found:
    """What the supervisor did: restarts while saturated, and the time to find a frozen core."""

    restarts: int
    late_canaries: int
    found_s: float
    why: str


async def measure(minutes: float) -> Found:
    """Saturate, freeze, and return what the supervisor did."""
    changes: list[Change] = []
    restarted = asyncio.Event()

    def report(change: Change) -> None:
        changes.append(change)
        if change.state == "restarting":
            restarted.set()

    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder) / "logs", Path(folder) / "locks")
        async with (
            running_engines([scripted()], place, report, one_by_one=True),
            httpx2.AsyncClient(base_url=f"http://127.0.0.1:{PORT}") as client,
        ):
            asked = await set_fault(client, busy=True)
            await asyncio.sleep(minutes * 60)
            asked = await set_fault(client, busy=True) - asked
            while_saturated = restarts(changes)
            await set_fault(client, frozen=True, busy=False)
            froze = time.monotonic()
            async with asyncio.timeout(FOUND_TIMEOUT_S):
                await restarted.wait()
            return Found(while_saturated, asked, time.monotonic() - froze, changes[-1].why)


async def set_fault(client: httpx2.AsyncClient, **faults: bool) -> int:
    """Set faults of the engine and return how often it was asked."""
    return int((await client.post("/script", json=faults)).json()["requests"])


def restarts(changes: list[Change]) -> int:
    """Return how often an engine was restarted."""
    return sum(change.state == "restarting" for change in changes)
