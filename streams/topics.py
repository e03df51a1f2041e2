"""The topics Tagwire uses, and how they are made."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from ner_core.errors import ConfigurationError
from streams.settings import Settings


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic: how many partitions, and whether only the newest record of a key is kept."""

    name: str
    partitions: int
    compacted: bool


def planned(settings: Settings) -> tuple[Topic, ...]:
    """Give all topics as the settings name them."""
    many = settings.partitions
    return (
        Topic(settings.documents_topic, many, compacted=False),
        Topic(settings.entities_topic, many, compacted=True),
        Topic(settings.dead_topic, many, compacted=False),
        Topic(settings.demonstrations_topic, 1, compacted=True),
        Topic(settings.fingerprints_topic, 1, compacted=True),
    )


async def create(settings: Settings) -> dict[str, bool]:
    """Make the topics that are not there; gives for each whether it is new.

    Raises:
        ConfigurationError: the broker cannot be reached or refuses.
    """
    admin = AIOKafkaAdminClient(**settings.kafka())
    try:
        await admin.start()
        return {topic.name: await _create(admin, topic, settings) for topic in planned(settings)}
    except KafkaError as exc:
        msg = f"topics on {settings.bootstrap}: {exc!r}; is the broker up and reachable?"
        raise ConfigurationError(msg) from exc
    finally:
        await admin.close()


async def partitions(settings: Settings) -> Mapping[str, int]:
    """Count the partitions of every topic; absent ones are left out.

    Raises:
        ConfigurationError: the broker cannot be reached.
    """
    admin = AIOKafkaAdminClient(**settings.kafka())
    try:
        await admin.start()
        described = await admin.describe_topics(list(settings.topics))
    except KafkaError as exc:
        msg = f"topics on {settings.bootstrap}: {exc!r}; is the broker up and reachable?"
        raise ConfigurationError(msg) from exc
    finally:
        await admin.close()
    return {t["topic"]: len(t["partitions"]) for t in described if not t["error_code"]}


async def require(settings: Settings) -> None:
    """Check that every topic is there.

    Raises:
        ConfigurationError: one is not.
    """
    there = await partitions(settings)
    absent = [name for name in settings.topics if name not in there]
    if absent:
        msg = f"no topic {', '.join(absent)} on {settings.bootstrap}; run `tagwire topics create`"
        raise ConfigurationError(msg)


async def _create(admin: AIOKafkaAdminClient, topic: Topic, settings: Settings) -> bool:
    policy = "compact" if topic.compacted else "delete"
    new = NewTopic(
        topic.name,
        num_partitions=topic.partitions,
        replication_factor=settings.replication,
        topic_configs={"cleanup.policy": policy},
    )
    response = await admin.create_topics([new])
    name, code, *reason = response.topic_errors[0]
    error = for_code(code)
    if code and error is not TopicAlreadyExistsError:
        msg = f"topic {name}: {error.__name__} {' '.join(map(str, reason))}"
        raise ConfigurationError(msg)
    return not code
