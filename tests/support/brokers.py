"""Brokers for tests: Tansu for each that asks, and one Apache Kafka for all."""

import asyncio
import itertools
import os
import shutil
import tempfile
from contextlib import asynccontextmanager, contextmanager
from functools import cached_property
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from streams import topics
from streams.host.ports import free_port
from streams.settings import load_settings
from support.processes import STARTS_WITHIN_S, answers, kafka, running, tansu, until

TANSU = pytest.param("tansu")
KAFKA = pytest.param("kafka", marks=pytest.mark.kafka)

_numbers = itertools.count()


class OneKafka:
    """Starts Apache Kafka for the first test that asks, again for one that finds it killed."""

    def __init__(self):
        self._port = free_port()
        self._folder = None

    @cached_property
    def process(self):
        self._folder = Path(tempfile.mkdtemp(prefix="kafka-"))
        return kafka(self._folder, self._port)

    async def empty(self):
        """Give the address of a broker without topics."""
        bootstrap = f"127.0.0.1:{self._port}"

        async def up():
            if self.process.child is None or self.process.child.poll() is not None:
                # Again, too, when it never came up: one cluster id in 64 begins with "-".
                self.process.start()
            return await answers(bootstrap)

        await until(up, "kafka answers", STARTS_WITHIN_S, self.process)
        await delete_topics(bootstrap)
        return bootstrap

    def end(self):
        if self._folder is not None:
            self.process.end()
            shutil.rmtree(self._folder)


KAFKA_OF_ALL = OneKafka()


async def delete_topics(bootstrap):
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.delete_topics([t for t in await admin.list_topics() if t[:2] != "__"])

        async def gone():
            return all(t[:2] == "__" for t in await admin.list_topics())

        await until(gone, "the topics are deleted")
    finally:
        await admin.close()


@asynccontextmanager
async def broker(kind, folder):
    """A broker of the kind ``tansu`` or ``kafka``, without topics: its address and its process."""
    if kind == "kafka":
        yield await KAFKA_OF_ALL.empty(), KAFKA_OF_ALL.process
        return
    port = free_port()
    with running(tansu(folder, port)) as process:
        bootstrap = f"127.0.0.1:{port}"
        await until(lambda: answers(bootstrap), "tansu answers", of=process)
        yield bootstrap, process


@contextmanager
def broker_of_a_file(kind, folder):
    """A broker of a kind for all tests of a file; gives its address."""
    if kind == "kafka" and "KAFKA_HOME" not in os.environ:
        pytest.skip("KAFKA_HOME names no Apache Kafka")
    made = broker(kind, folder)
    with asyncio.Runner() as runner:
        yield runner.run(made.__aenter__())[0]
        runner.run(made.__aexit__(None, None, None))


async def own_topics(bootstrap, **more):
    """Settings with names that no other test uses; the topics exist, empty."""
    name = f"test-{next(_numbers)}"
    names = ("documents", "entities", "dead", "demonstrations", "fingerprints")
    own = {f"{topic}_topic": f"{name}.{topic}" for topic in names}
    settings = load_settings(bootstrap=bootstrap, group=name, **own, **more)
    await topics.create(settings)
    return settings


def own_group():
    """A consumer group that no other test has: commits outlive the topics they were made for."""
    return f"tagwire-{next(_numbers)}"
