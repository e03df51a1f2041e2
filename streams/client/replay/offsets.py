"""What a group has committed, or an error if the broker does not say."""

from collections.abc import Mapping, Sequence

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import CoordinatorNotAvailableError
from aiokafka.structs import OffsetAndMetadata


async def committed_offsets(
    admin: AIOKafkaAdminClient, group: str, partitions: Sequence[TopicPartition]
) -> Mapping[TopicPartition, OffsetAndMetadata]:
    """Return what is committed for each partition, with offset -1 for one without a commit.

    A broker that is still loading its groups answers with an error and no partition, which
    aiokafka returns as a group without commits.

    Raises:
        CoordinatorNotAvailableError: the broker cannot say now.
        KafkaError: it cannot be reached or refuses.
    """
    found: Mapping[TopicPartition, OffsetAndMetadata]
    found = await admin.list_consumer_group_offsets(group, partitions=list(partitions))
    if not found.keys() >= set(partitions):
        msg = f"the broker does not say what group {group} has committed"
        raise CoordinatorNotAvailableError(msg)
    return found
