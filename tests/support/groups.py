"""What groups of consumers have committed."""

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient


async def committed(settings, group, topic):
    """Offsets that the group has committed on a topic, by partition."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap)
    await admin.start()
    try:
        partitions = [TopicPartition(topic, n) for n in range(settings.partitions)]
        offsets = await admin.list_consumer_group_offsets(group, partitions=partitions)
    finally:
        await admin.close()
    return {tp.partition: at.offset for tp, at in offsets.items() if at.offset >= 0}
