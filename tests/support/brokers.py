"""One broker for all tests of a file; each test has topics and a group of its own."""

import asyncio
import itertools
import os
from contextlib import contextmanager

import pytest

from streams import topics
from streams.settings import load_settings
from support.processes import answers, free_port, kafka, running, tansu, until

TANSU = pytest.param("tansu")
KAFKA = pytest.param("kafka", marks=pytest.mark.kafka)

_numbers = itertools.count()


@contextmanager
def shared_broker(kind, folder):
    """A broker of a kind; gives its address."""
    if kind == "kafka" and "KAFKA_HOME" not in os.environ:
        pytest.skip("KAFKA_HOME names no Apache Kafka")
    port = free_port()
    with running(tansu(folder, port) if kind == "tansu" else kafka(folder, port)) as process:
        bootstrap = f"127.0.0.1:{port}"
        asyncio.run(until(lambda: answers(bootstrap), f"{kind} answers", of=process))
        yield bootstrap


async def own_topics(bootstrap, **more):
    """Settings with names that no other test uses; the topics exist, empty."""
    name = f"test-{next(_numbers)}"
    names = ("documents", "entities", "dead", "demonstrations", "fingerprints")
    own = {f"{topic}_topic": f"{name}.{topic}" for topic in names}
    settings = load_settings(bootstrap=bootstrap, group=name, **own, **more)
    await topics.create(settings)
    return settings
