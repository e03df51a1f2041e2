"""The topics Tagwire uses, and how they are created."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code

from ner_core.errors import ConfigurationError
from streams.kafka_errors import translated
from streams.settings import Settings
from streams.wire.errors import BrokerUnavailableError

_POLL_S = 0.1
_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic: how many partitions, and whether only the newest record of a key is kept."""

    name: str
    partitions: int
    compacted: bool


def planned(settings: Settings) -> tuple[Topic, ...]:
    """Return all topics as the settings name them."""
    many = settings.partitions
    return (
        Topic(settings.documents_topic, many, compacted=False),
        Topic(settings.entities_topic, many, compacted=True),
        Topic(settings.dead_topic, many, compacted=False),
        Topic(settings.demonstrations_topic, 1, compacted=True),
        Topic(settings.fingerprints_topic, 1, compacted=True),
    )


async def create(settings: Settings, *names: str) -> dict[str, bool]:
    """Create the topics that do not exist: those named, or all; returns for each if it is new.

    They can be used when this returns: a broker confirms a topic before it shows it to others.

    Raises:
        BrokerError: the broker cannot be reached or refuses.
    """
    async with _admin(settings) as admin:
        existing = await _partitions(admin, settings)
        wanted = [t for t in planned(settings) if not names or t.name in names]
        created = {
            t.name: t.name not in existing and await _create(admin, t, settings) for t in wanted
        }
        while created.keys() - (await _partitions(admin, settings)).keys():  # noqa: ASYNC110 # a broker sets no event
            await asyncio.sleep(_POLL_S)
        return created


async def partitions(settings: Settings) -> Mapping[str, int]:
    """Count the partitions of every topic that exists.

    Raises:
        BrokerError: the broker cannot be reached or refuses.
    """
    async with _admin(settings) as admin:
        return await _partitions(admin, settings)


async def _partitions(admin: AIOKafkaAdminClient, settings: Settings) -> Mapping[str, int]:
    described = await admin.describe_topics()  # one that is asked for by name may be created
    return {
        topic["topic"]: len(topic["partitions"])
        for topic in described
        if topic["topic"] in settings.topics and not topic["error_code"]
    }


async def require(settings: Settings, *names: str) -> None:
    """Check that topics exist: those named, or all.

    Raises:
        ConfigurationError: one does not.
        BrokerError: the broker cannot be reached or refuses.
    """
    existing = await partitions(settings)
    absent = [name for name in names or settings.topics if name not in existing]
    if absent:
        msg = (
            f"no topic {', '.join(absent)} on {settings.bootstrap}; run `tagwire topics create`, "
            "or if it exists, give the user the right Describe on it"
        )
        raise ConfigurationError(msg)


async def configurations(settings: Settings, *names: str) -> Mapping[str, Mapping[str, str]]:
    """Return how topics are configured, as ``retention.ms``; what the broker hides is absent.

    Raises:
        BrokerError: the broker cannot be reached or refuses.
    """
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    async with _admin(settings) as admin:
        replies = await admin.describe_configs(resources)
    return {
        topic: {name: value for name, value, *_ in entries}
        for reply in replies
        for *_, topic, entries in reply.resources
    }


@asynccontextmanager
async def _admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """Connect to the broker; one that does not answer in time is no broker."""
    admin = AIOKafkaAdminClient(**settings.kafka())
    try:
        with translated(settings.bootstrap):
            async with asyncio.timeout(_TIMEOUT_S):
                await admin.start()
                yield admin
    except TimeoutError as exc:
        msg = (
            f"{settings.bootstrap} did not answer within {_TIMEOUT_S:.0f} s; "
            "is it a Kafka broker? TAGWIRE_BOOTSTRAP names another"
        )
        raise BrokerUnavailableError(msg) from exc
    finally:
        await admin.close()


async def _create(admin: AIOKafkaAdminClient, topic: Topic, settings: Settings) -> bool:
    policy = "compact" if topic.compacted else "delete"
    new = NewTopic(
        topic.name,
        num_partitions=topic.partitions,
        replication_factor=settings.replication,
        topic_configs={"cleanup.policy": policy},
    )
    response = await admin.create_topics([new])
    _, code, *reason = response.topic_errors[0]
    error = for_code(code)
    if code and error is not TopicAlreadyExistsError:
        msg = f"topic {topic.name}: {' '.join(text for text in reason if text)}"
        raise error(msg)
    return not code
