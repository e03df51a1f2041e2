"""Runs a stack through traffic and faults by a seed, and writes the history."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from random import Random

import pytest
from support.processes import until

from chaos.faults import KINDS, Fault
from chaos.history import History
from chaos.kafka_topics import admin, compacted
from chaos.oracle import ENTITIES, INPUTS, Ends
from chaos.plan import Plan
from chaos.stack import START_WITHIN_S, Chaos, running_chaos
from chaos.traffic import sendings
from chaos.workers import Worker

COMPACTED_WITHIN_S = 60.0


async def run(plan: Plan, folder: Path) -> Path:
    """Returns the history of a run, in the folder with all logs."""
    path = folder / "history.jsonl"
    with History(path) as history:
        history.add(
            "run", seed=plan.seed, documents=plan.documents, seconds=plan.seconds,
            workers=plan.workers, partitions=plan.partitions, module=plan.module,
        )  # fmt: skip
        async with running_chaos(folder, history, plan) as chaos:
            await _disturb(chaos, plan)
            await _settle(chaos, plan)
            await chaos.workers.end_all(20)
            await _read_on(chaos)
            await _compact(chaos)
        history.add("finished")
    return path


async def _disturb(chaos: Chaos, plan: Plan) -> None:
    """Send everything; strike as long as documents are sent."""
    await until(lambda: _all_read(chaos), "the workers read", START_WITHIN_S)
    sampling = asyncio.create_task(chaos.sampler.run())
    per_second = plan.documents / plan.seconds
    sending = asyncio.create_task(
        chaos.sender.send(sendings(plan.seed, plan.documents), per_second)
    )
    try:
        await _strike_while(chaos, plan, sending)
        if plan.rounds is not None:
            chaos.sender.enough = True
        await sending
    finally:
        sending.cancel()
        sampling.cancel()
        await asyncio.gather(sending, sampling, return_exceptions=True)


async def _strike_while(chaos: Chaos, plan: Plan, sending: "asyncio.Task[None]") -> None:
    random = Random(plan.seed)
    for kind in sorted(set(plan.kinds)):
        if KINDS[kind].lacks:
            chaos.history.add("left_out", kind=kind, why=KINDS[kind].lacks)
    for number, fault in enumerate(faults(random, plan.kinds, plan.rounds)):
        await asyncio.sleep(random.uniform(*plan.pause_s))
        victim, in_flight = await _busiest(chaos, sending)
        if in_flight == 0:
            return
        chaos.history.add(
            "fault", number=number, kind=fault.kind, worker=victim.name, in_flight=in_flight,
            evicts=fault.evicts, ends_engine=fault.ends_engine,
        )  # fmt: skip
        await _strike(chaos, number, fault, victim, random)


def faults(random: Random, kinds: Sequence[str], rounds: int | None = None) -> Iterator[Fault]:
    """Returns faults, forever or for some rounds: each kind once before any comes again."""
    here = [KINDS[kind] for kind in sorted(kinds) if not KINDS[kind].lacks]
    for _ in count() if rounds is None else range(rounds):
        yield from random.sample(here, len(here))


async def _strike(chaos: Chaos, number: int, fault: Fault, victim: Worker, random: Random) -> None:
    try:
        await fault.inject(chaos, victim, random)
    except (Exception, pytest.fail.Exception) as exc:  # noqa: BLE001 # the report has it
        chaos.history.add("fault_failed", number=number, kind=fault.kind, error=repr(exc))
    else:
        chaos.history.add("healed", number=number)


async def _busiest(chaos: Chaos, sending: "asyncio.Task[None]") -> tuple[Worker, int]:
    """Wait for documents in flight, as long as some are sent.

    Returns:
        The worker with most documents in flight, and how many it has.
    """
    while True:
        counts = await chaos.workers.in_flight()
        victim = max(chaos.workers.members, key=lambda worker: counts.get(worker.name, 0))
        if counts.get(victim.name) or sending.done():
            return victim, counts.get(victim.name, 0)
        await asyncio.sleep(0.1)


async def _all_read(chaos: Chaos) -> bool:
    """Whether every partition is read by a worker."""
    pages = [await chaos.workers.page(worker, "/ready") for worker in chaos.workers.members]
    read = {name for page in pages if page is not None for name in page.json()["partitions"]}
    return len(read) == chaos.sampler.partitions


async def _settle(chaos: Chaos, plan: Plan) -> None:
    """Wait until every document has its outcome and is committed, or nothing moves any more."""
    await _read_on(chaos)
    chaos.oracle.last_outcome = time.monotonic()
    while chaos.oracle.unfinished:
        if time.monotonic() - chaos.oracle.last_outcome > plan.patience_s:
            break
        await asyncio.sleep(0.5)
    await _last_sample(chaos)


async def _last_sample(chaos: Chaos) -> None:
    """Sample until all is committed, at most ten times."""
    async with Ends(chaos.bootstrap) as ends, admin(chaos.bootstrap) as client:
        for _ in range(10):
            committed = await chaos.sampler.sample(client, ends)
            if committed == await ends.of(INPUTS, chaos.sampler.partitions):
                return
            await asyncio.sleep(1)


async def _read_on(chaos: Chaos) -> None:
    """Let the oracle read to the ends of now."""
    async with Ends(chaos.bootstrap) as ends:
        for topic, partitions in chaos.sampler.topics().items():
            found = await ends.of(topic, partitions)

            async def read(topic: str = topic, found: dict[int, int] = found) -> bool:
                return chaos.oracle.has_read(topic, found)

            await until(read, f"the oracle has read {topic} to {found}")


async def _compact(chaos: Chaos) -> None:
    await chaos.oracle.leave()
    held = await compacted(
        chaos.bootstrap, ENTITIES, chaos.sampler.output_partitions, COMPACTED_WITHIN_S
    )
    chaos.history.add("compacted", records=held)
