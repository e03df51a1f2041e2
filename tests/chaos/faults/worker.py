"""Faults of workers."""

import asyncio
import signal
from pathlib import Path
from random import Random

from chaos.faults.kinds import fault
from chaos.stack import DRAIN_S, Chaos
from chaos.workers import RESTART_AFTER_S, Worker

END_WITHIN_S = DRAIN_S + 10
READS_WITHIN_S = 40
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
JUMP_S = 5_400


@fault("worker killed")
async def killed(chaos: Chaos, victim: Worker, _: Random) -> None:
    chaos.workers.tell(victim, signal.SIGKILL)
    await chaos.workers.gone(victim, END_WITHIN_S)


@fault("worker told to end")
async def ended(chaos: Chaos, victim: Worker, _: Random) -> None:
    await chaos.workers.end(victim, END_WITHIN_S)


@fault("worker told to end while it starts")
async def ended_at_start(chaos: Chaos, victim: Worker, random: Random) -> None:
    chaos.workers.tell(victim, signal.SIGKILL)
    await chaos.workers.gone(victim, END_WITHIN_S)
    await asyncio.sleep(RESTART_AFTER_S + random.uniform(1.0, 5.0))
    await chaos.workers.end(victim, END_WITHIN_S)


@fault("all workers killed")
async def all_killed(chaos: Chaos, _: Worker, __: Random) -> None:
    for worker in chaos.workers.members:
        chaos.workers.tell(worker, signal.SIGKILL)
    await asyncio.sleep(RESTART_AFTER_S)


@fault("worker stopped beyond the session", evicts=1)
async def stopped_long(chaos: Chaos, victim: Worker, random: Random) -> None:
    await _stopped(victim, chaos.settings.session_timeout_s + random.uniform(3.0, 6.0))


@fault("worker stopped within the session")
async def stopped(chaos: Chaos, victim: Worker, random: Random) -> None:
    await _stopped(victim, chaos.settings.session_timeout_s * random.uniform(0.3, 0.5))


@fault("worker joins and leaves")
async def joins(chaos: Chaos, _: Worker, random: Random) -> None:
    worker = chaos.workers.add()
    await chaos.workers.reads(worker, READS_WITHIN_S)
    await asyncio.sleep(random.uniform(2.0, 5.0))
    await _leaves(chaos, worker)


@fault("worker leaves and comes back")
async def leaves(chaos: Chaos, victim: Worker, random: Random) -> None:
    await _leaves(chaos, victim)
    await asyncio.sleep(random.uniform(1.0, 4.0))
    chaos.workers.add()


@fault("worker's disk is full")
async def disk_full(chaos: Chaos, _: Worker, random: Random) -> None:
    """A worker joins whose log cannot be written, since every write finds no space."""
    worker = chaos.workers.add(log=Path("/dev/full"))
    await chaos.workers.reads(worker, READS_WITHIN_S)
    await asyncio.sleep(random.uniform(2.0, 5.0))
    await _leaves(chaos, worker)


@fault("worker's clock jumps", lacks="" if FAKETIME else "libfaketime is not installed")
async def clock_jumps(chaos: Chaos, _: Worker, __: Random) -> None:
    """A worker joins; its wall clock leaps ahead, then back behind the start."""
    clock = chaos.workers.folder / "clock"
    clock.write_text("+0")
    worker = chaos.workers.add(
        LD_PRELOAD=str(FAKETIME),
        FAKETIME_TIMESTAMP_FILE=str(clock),
        FAKETIME_NO_CACHE="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
    )
    await chaos.workers.reads(worker, READS_WITHIN_S)
    for jump_s in (f"+{JUMP_S}", f"-{JUMP_S}"):
        clock.write_text(jump_s)
        await asyncio.sleep(4)
    await _leaves(chaos, worker)


async def _stopped(victim: Worker, s: float) -> None:
    victim.process.signal(signal.SIGSTOP)
    await asyncio.sleep(s)
    victim.process.signal(signal.SIGCONT)


async def _leaves(chaos: Chaos, worker: Worker) -> None:
    worker.wanted = False
    await chaos.workers.end(worker, END_WITHIN_S)
