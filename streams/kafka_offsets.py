"""What a group has committed, or an error if the broker does not say.

A broker that is still loading its groups answers with an error and names no partition. aiokafka
0.14 reads no error there: its consumers take the answer for "nothing is committed" and begin at
the first record, or at the last. Here a partition without an answer is an error.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import CoordinatorNotAvailableError, KafkaError
from aiokafka.structs import OffsetAndMetadata

LOADED_WITHIN_S = 30.0
"""A new broker first creates the topic of its groups."""
AGAIN_S = 0.2

Committed = Mapping[TopicPartition, OffsetAndMetadata]
"""Offset -1: nothing is committed."""


async def committed_offsets(
    admin: AIOKafkaAdminClient, group: str, partitions: Sequence[TopicPartition]
) -> Committed:
    """Return what is committed for each partition.

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
    options: Mapping[str, Any], group: str, partitions: Sequence[TopicPartition]
) -> Committed:
    """Connect with aiokafka's ``options``, and return the same; wait 30 s for a loading broker.

    Raises:
        CoordinatorNotAvailableError: the broker still cannot say.
        KafkaError: it cannot be reached or refuses.
    """
    if not partitions:
        return {}
    deadline = time.monotonic() + LOADED_WITHIN_S
    admin = AIOKafkaAdminClient(**options)
    try:
        await admin.start()
        while True:
            try:
                return await committed_offsets(admin, group, partitions)
            except CoordinatorNotAvailableError:
                if time.monotonic() >= deadline:
                    raise
            await asyncio.sleep(AGAIN_S)
    finally:
        await admin.close()


async def committed_once_there(
    options: Mapping[str, Any], group: str, partitions: Sequence[TopicPartition]
) -> Committed:
    """Return the same, and wait for a broker that is away, however long that is.

    Raises:
        KafkaError: the broker refuses.
    """
    while True:
        try:
            return await committed_once_loaded(options, group, partitions)
        except KafkaError as exc:
            if not exc.retriable:
                raise
        await asyncio.sleep(AGAIN_S)
