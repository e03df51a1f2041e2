"""Faults of the engine, and of the way to it."""

import asyncio
from random import Random

from support.processes import until

from chaos.faults.kinds import Inject, fault
from chaos.stack import ENGINE_DELAY_S, Chaos
from chaos.workers import Worker

REQUESTS = 20


def _scripted(**faults: int) -> Inject:
    """Returns an injection that spoils the next requests."""

    async def inject(chaos: Chaos, _: Worker, random: Random) -> None:
        await chaos.script_engine(**faults)
        await asyncio.sleep(random.uniform(3.0, 6.0))
        await chaos.script_engine(hang=0, garble=0, refuse=0, drop=0)

    return inject


fault("engine hangs")(_scripted(hang=REQUESTS))
fault("engine answers garbage")(_scripted(garble=REQUESTS))
fault("engine cuts connections")(_scripted(drop=REQUESTS))
fault("engine answers 500")(_scripted(refuse=REQUESTS, status=500))
fault("engine answers 503")(_scripted(refuse=REQUESTS, status=503))
fault("engine answers 429")(_scripted(refuse=REQUESTS, status=429))


@fault("engine killed")
async def killed(chaos: Chaos, _: Worker, random: Random) -> None:
    chaos.engine.kill()
    await asyncio.sleep(random.uniform(0.5, 5.0))
    chaos.engine.start()
    await until(chaos.engine_answers, "the engine is back", of=chaos.engine)


@fault("engine saturated")
async def saturated(chaos: Chaos, _: Worker, random: Random) -> None:
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
