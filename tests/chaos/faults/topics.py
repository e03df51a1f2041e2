"""What an operator does to the topic of inputs while it is read."""

import asyncio
from random import Random

from support.processes import until

from chaos.faults.kinds import fault
from chaos.kafka_topics import add_partition, create_topic, delete_records, delete_topic
from chaos.oracle import INPUTS, Ends
from chaos.stack import Chaos
from chaos.workers import Worker


@fault("topic gets one more partition")
async def grows(chaos: Chaos, _: Worker, __: Random) -> None:
    total = chaos.sampler.partitions + 1
    await add_partition(chaos.bootstrap, INPUTS, total)
    chaos.sampler.partitions = chaos.sender.partitions = total
    chaos.history.add("partitions_added", total=total)


@fault("topic loses records to retention", evicts=3)
async def retention(chaos: Chaos, _: Worker, random: Random) -> None:
    """Workers get nothing for a while; then all but the newest of what waits is deleted."""
    chaos.to_broker.silence()
    await asyncio.sleep(random.uniform(3.0, 5.0))
    ends = await _read_to_the_end(chaos)
    before = {partition: max(0, end - 1) for partition, end in ends.items()}
    for partition, offset in before.items():
        chaos.history.add(
            "retention", life=chaos.oracle.life, partition=partition, before_offset=offset
        )
    await delete_records(chaos.bootstrap, INPUTS, before)
    chaos.oracle.take_away(before)
    chaos.to_broker.heal()


@fault("topic deleted and made again")
async def deleted(chaos: Chaos, _: Worker, __: Random) -> None:
    chaos.sender.open.clear()
    await chaos.sender.settled()
    await _read_to_the_end(chaos)
    chaos.sampler.paused = True
    await chaos.oracle.leave([INPUTS])
    chaos.history.add("topic_deleted", life=chaos.oracle.life)
    await delete_topic(chaos.bootstrap, INPUTS)
    chaos.oracle.begin_life()
    await create_topic(chaos.bootstrap, INPUTS, chaos.sampler.partitions)
    chaos.oracle.follow([INPUTS])
    chaos.sampler.paused = False
    chaos.sender.open.set()


async def _read_to_the_end(chaos: Chaos) -> dict[int, int]:
    """Let the oracle read what is there now; returns the ends it has read to."""
    async with Ends(chaos.bootstrap) as ends:
        found = await ends.of(INPUTS, chaos.sampler.partitions)

    async def read() -> bool:
        return chaos.oracle.has_read(INPUTS, found)

    await until(read, "the oracle has read the inputs")
    return found
