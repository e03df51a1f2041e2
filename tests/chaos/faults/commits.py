"""Faults of commits alone, each until at least one was disturbed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

from support.processes import until

from chaos.commit_proxy import Commits
from chaos.faults.kinds import fault
from chaos.faults.worker import END_WITHIN_S, READS_WITHIN_S
from chaos.stack import Chaos
from chaos.workers import Worker

LASTS_S = (4.0, 8.0)


@fault("broker refuses commits")
async def refused(chaos: Chaos, _: Worker, random: Random) -> None:
    await _commits(chaos, Commits.REFUSED, random)


@fault("broker does not answer commits", evicts=3)
async def lost(chaos: Chaos, _: Worker, random: Random) -> None:
    await _commits(chaos, Commits.LOST, random)
    chaos.to_broker.drop()  # a client waits for its answer as long as the connection lives


@fault("broker takes partitions while commits are on their way")
async def late(chaos: Chaos, _: Worker, random: Random) -> None:
    """A worker joins, and what the others commit arrives late."""
    async with _disturbed(chaos, Commits.LATE):
        worker = chaos.workers.add()
        await chaos.workers.reads(worker, READS_WITHIN_S)
        await asyncio.sleep(random.uniform(1.0, 3.0))
    worker.wanted = False
    await chaos.workers.end(worker, END_WITHIN_S)


@fault("broker loads its groups while a worker joins")
async def loading(chaos: Chaos, _: Worker, random: Random) -> None:
    """As after a restart: what is committed is there, and the broker cannot say it yet."""
    before = chaos.to_broker.disturbed
    worker = chaos.workers.add()
    chaos.to_broker.loading = True
    try:
        await until(lambda: _disturbed_since(chaos, before), "somebody asked what is committed")
        await asyncio.sleep(random.uniform(3.0, 6.0))
    finally:
        chaos.to_broker.heal()
    await chaos.workers.reads(worker, READS_WITHIN_S)
    worker.wanted = False
    await chaos.workers.end(worker, END_WITHIN_S)


async def _commits(chaos: Chaos, what: Commits, random: Random) -> None:
    async with _disturbed(chaos, what):
        await asyncio.sleep(random.uniform(*LASTS_S))


@asynccontextmanager
async def _disturbed(chaos: Chaos, what: Commits) -> AsyncIterator[None]:
    """Disturb commits for as long as the context is open, and until one came."""
    before = chaos.to_broker.disturbed
    chaos.to_broker.commits = what
    try:
        yield
        await until(lambda: _disturbed_since(chaos, before), "a commit was disturbed")
    finally:
        chaos.to_broker.heal()


async def _disturbed_since(chaos: Chaos, before: int) -> bool:
    return chaos.to_broker.disturbed > before
