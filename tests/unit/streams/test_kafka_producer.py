"""What a producer makes of a broker that has just come up."""

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError

from streams.kafka_producer import started_transactional_producer
from streams.settings import load_settings


async def test_a_broker_that_names_no_brokers_yet_cannot_be_reached(monkeypatch):
    async def start(_producer):
        raise AssertionError("Did we not perform bootstrap?")

    monkeypatch.setattr(AIOKafkaProducer, "start", start)

    with pytest.raises(KafkaConnectionError, match="names no brokers yet"):
        await started_transactional_producer(load_settings(), "id")
