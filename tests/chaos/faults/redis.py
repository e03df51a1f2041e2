"""Faults of the store of answers."""

import asyncio
import signal
from random import Random

from redis.exceptions import RedisError
from support.processes import until

from chaos.faults.kinds import fault
from chaos.stack import Chaos
from chaos.workers import Worker
from streams.host.ports import free_port


@fault("redis killed")
async def killed(chaos: Chaos, _: Worker, random: Random) -> None:
    chaos.redis.kill()
    await asyncio.sleep(random.uniform(1.0, 5.0))
    chaos.redis.start()
    await until(lambda: _answers(chaos), "Redis is back", of=chaos.redis)


@fault("redis stalled")
async def stalled(chaos: Chaos, _: Worker, random: Random) -> None:
    chaos.redis.signal(signal.SIGSTOP)
    await asyncio.sleep(random.uniform(3.0, 8.0))
    chaos.redis.signal(signal.SIGCONT)


@fault("redis flushed")
async def flushed(chaos: Chaos, _: Worker, __: Random) -> None:
    await chaos.store.flushall()


@fault("redis full")
async def full(chaos: Chaos, _: Worker, random: Random) -> None:
    await chaos.store.config_set("maxmemory-policy", "noeviction")
    await chaos.store.config_set("maxmemory", "1")
    await asyncio.sleep(random.uniform(4.0, 8.0))
    await chaos.store.config_set("maxmemory", "0")


@fault("redis read-only")
async def read_only(chaos: Chaos, _: Worker, random: Random) -> None:
    """Redis follows a primary that does not answer, as after a failover."""
    await chaos.store.execute_command("REPLICAOF", "127.0.0.1", str(free_port()))
    await asyncio.sleep(random.uniform(4.0, 8.0))
    await chaos.store.execute_command("REPLICAOF", "NO", "ONE")


async def _answers(chaos: Chaos) -> bool:
    try:
        return bool(await chaos.store.ping())
    except (RedisError, OSError):
        return False
