"""Faults of the broker, and of the way to it.

Sessions run out while a broker starts: one that starts slowly removes the members of a group
before it answers them.
"""

import asyncio
import signal
from random import Random

from support.processes import until

from chaos.faults.kinds import fault
from chaos.stack import START_WITHIN_S, Chaos
from chaos.workers import Worker


@fault("broker killed", evicts=3)
async def killed(chaos: Chaos, _: Worker, random: Random) -> None:
    chaos.broker.kill()
    await asyncio.sleep(random.uniform(0.5, 3.0))
    await _start(chaos)


@fault("broker restarted", evicts=3)
async def restarted(chaos: Chaos, _: Worker, __: Random) -> None:
    await asyncio.to_thread(chaos.broker.end)
    await _start(chaos)


@fault("broker stalled", evicts=3)
async def stalled(chaos: Chaos, _: Worker, random: Random) -> None:
    chaos.broker.signal(signal.SIGSTOP)
    await asyncio.sleep(random.uniform(3.0, 9.0))
    chaos.broker.signal(signal.SIGCONT)


@fault("broker restarted in mid-rebalance", evicts=3)
async def restarted_in_rebalance(chaos: Chaos, victim: Worker, random: Random) -> None:
    """The broker goes down just after a worker has left the group."""
    chaos.workers.tell(victim, signal.SIGTERM)
    await chaos.workers.gone(victim, 20)
    await asyncio.sleep(random.uniform(0.0, 0.5))
    await asyncio.to_thread(chaos.broker.end)
    await _start(chaos)


@fault("broker unreachable for the workers", evicts=3)
async def unreachable(chaos: Chaos, _: Worker, random: Random) -> None:
    chaos.to_broker.cut()
    await asyncio.sleep(random.uniform(2.0, 9.0))
    chaos.to_broker.heal()


@fault("broker silent for the workers", evicts=3)
async def silent(chaos: Chaos, _: Worker, random: Random) -> None:
    chaos.to_broker.silence()
    await asyncio.sleep(random.uniform(2.0, 9.0))
    chaos.to_broker.heal()


async def _start(chaos: Chaos) -> None:
    chaos.broker.start()
    await until(chaos.broker_answers, "the broker is back", START_WITHIN_S, of=chaos.broker)
