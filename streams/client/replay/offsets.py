"""What a group has committed, or an error if the broker does not say."""

import asyncio
import time
from collections.abc import Mapping, Sequence

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import CoordinatorNotAvailableError
from aiokafka.structs import OffsetAndMetadata

LOADED_WITHIN_S = 30.0
"""A new broker first makes the topic of its groups."""
AGAIN_S = 0.2

Committed = Mapping[TopicPartition, OffsetAndMetadata]


async def committed_offsets(
    admin: AIOKafkaAdminClient, group: str, partitions: Sequence[TopicPartition]
) -> Committed:
    """Return what is committed for each partition, with offset -1 for one without a commit.

    A broker that is still loading its groups answers with an error and no partition, which
    aiokafka returns as a group without commits.

    Raises:
        CoordinatorNotAvailableError: the broker cannot say now.
        KafkaError: it cannot be reached or refuses.
    """
    found: Committed = await admin.list_consumer_group_offsets(group, partitions=list(partitions))
    if not found.keys() >= set(partitions):
        msg = f"the broker does not say what group {group} has committed"
        raise CoordinatorNotAvailableError(msg)
    return found


async def committed_once_loaded(
    admin: AIOKafkaAdminClient, group: str, partitions: Sequence[TopicPartition]
) -> Committed:
    """Return the same, and wait up to 30 s for a broker that is loading its groups.

    Raises:
        CoordinatorNotAvailableError: the broker still cannot say.
        KafkaError: it cannot be reached or refuses.
    """
    deadline = time.monotonic() + LOADED_WITHIN_S
    while True:
        try:
            return await committed_offsets(admin, group, partitions)
        except CoordinatorNotAvailableError:
            if time.monotonic() >= deadline:
                raise
        await asyncio.sleep(AGAIN_S)
