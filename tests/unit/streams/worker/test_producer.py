"""What aiokafka's producer lacks."""

import time
from types import SimpleNamespace

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.producer import message_accumulator

from streams.worker.producer import wait_for_leaders


@pytest.mark.parametrize(("minutes", "given_up"), [(4, False), (6, True)])
async def test_a_record_waits_for_a_leader_as_long_as_a_transaction_may_last(
    monkeypatch, minutes, given_up
):
    producer = AIOKafkaProducer(bootstrap_servers="127.0.0.1:1")
    wait_for_leaders(producer)
    accumulator, entities = producer._message_accumulator, TopicPartition("entities", 0)
    await accumulator.add_message(entities, b"id", b"{}", timeout=1)
    later = SimpleNamespace(monotonic=lambda: time.monotonic() + minutes * 60)
    monkeypatch.setattr(message_accumulator, "time", later)

    assert accumulator._batches[entities][0].expired() is given_up
