"""Faults of the engine, and of the way to it."""

import asyncio
from random import Random

from support.processes import until

from chaos.faults.kinds import Inject, fault
from chaos.stack import ENGINE_DELAY_S, START_WITHIN_S, Chaos
from chaos.workers import Worker
from streams.serving.supervisor import POLICY

REQUESTS = 20
LONGER_THAN_PATIENCE_S = POLICY.liveness.patience_s + POLICY.liveness.every_s + 2


def _scripted(**faults: int) -> Inject:
    """Returns an injection that spoils the next requests."""

    async def inject(chaos: Chaos, _: Worker, random: Random) -> None:
        await chaos.script_engine(**faults)
        await asyncio.sleep(random.uniform(3.0, 6.0))
        await chaos.script_engine(hang=0, garble=0, refuse=0, drop=0)

    return inject


fault("engine hangs", ends_engine=True)(_scripted(hang=REQUESTS))
fault("engine answers garbage")(_scripted(garble=REQUESTS))
fault("engine cuts connections")(_scripted(drop=REQUESTS))
fault("engine answers 500")(_scripted(refuse=REQUESTS, status=500))
fault("engine answers 503")(_scripted(refuse=REQUESTS, status=503))
fault("engine answers 429")(_scripted(refuse=REQUESTS, status=429))


@fault("engine killed", ends_engine=True)
async def killed(chaos: Chaos, _: Worker, random: Random) -> None:
    """The supervisor starts it again."""
    chaos.engines.kill_one(random)
    await _comes_back(chaos)


@fault("engine frozen while /health answers 200", ends_engine=True)
async def frozen(chaos: Chaos, _: Worker, __: Random) -> None:
    """The supervisor finds that it computes nothing, and restarts it."""
    before = chaos.engines.restarts
    await chaos.script_engine(frozen=True)

    async def found() -> bool:
        return chaos.engines.restarts > before

    await until(found, "the frozen engine is found")
    await _comes_back(chaos)


@fault("engine saturated")
async def saturated(chaos: Chaos, _: Worker, random: Random) -> None:
    """It computes and answers nothing, for longer than the supervisor waits for one that hangs."""
    await chaos.script_engine(busy=True)
    await asyncio.sleep(LONGER_THAN_PATIENCE_S + random.uniform(0.0, 5.0))
    await chaos.script_engine(busy=False)


@fault("engine answers late")
async def late(chaos: Chaos, _: Worker, random: Random) -> None:
    await chaos.script_engine(delay_s=2.0)
    await asyncio.sleep(random.uniform(6.0, 10.0))
    await chaos.script_engine(delay_s=ENGINE_DELAY_S)


@fault("engine changes its answers")
async def changes(chaos: Chaos, _: Worker, random: Random) -> None:
    """From now on it answers otherwise: only kept answers give the same bytes again."""
    await chaos.script_engine(flip_types=random.random() < 0.5)


@fault("engine unreachable")
async def unreachable(chaos: Chaos, _: Worker, random: Random) -> None:
    chaos.to_engine.cut()
    await asyncio.sleep(random.uniform(2.0, 8.0))
    chaos.to_engine.heal()


@fault("engine silent")
async def silent(chaos: Chaos, _: Worker, random: Random) -> None:
    chaos.to_engine.silence()
    await asyncio.sleep(random.uniform(2.0, 8.0))
    chaos.to_engine.heal()


@fault("engine answers byte by byte")
async def trickles(chaos: Chaos, _: Worker, random: Random) -> None:
    chaos.to_engine.trickle_s = 0.02
    await asyncio.sleep(random.uniform(4.0, 8.0))
    chaos.to_engine.heal()


async def _comes_back(chaos: Chaos) -> None:
    async with asyncio.timeout(START_WITHIN_S):
        await chaos.engines.ready.wait()
    await until(chaos.engines_answer, "the engine is back")
