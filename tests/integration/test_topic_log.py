"""A topic is read to where it was to be read, or to where it ends."""

import asyncio

import pytest
from structlog.testing import capture_logs

from streams.client.send import open_producer
from streams.client.topic_log import TopicLog

pytestmark = pytest.mark.integration

PATIENCE_S = 30


async def fill(settings, number):
    async with open_producer(settings, settings.documents_topic) as producer:
        for n in range(number):
            await producer.send_and_wait(settings.documents_topic, b"%d" % n, partition=0)


async def read(settings, **bounds):
    log = TopicLog(settings, settings.documents_topic, **bounds)
    async with asyncio.timeout(PATIENCE_S), log:
        values = [m.value async for batch in log.read() for m in batch]
    return values, log.ends


async def test_what_comes_after_the_end_that_is_asked_for_is_not_read(settings):
    await fill(settings, 3)

    with capture_logs() as logged:
        values, ends = await read(settings, ends={0: 2})

    assert values == [b"0", b"1"]
    assert ends[0] == 2
    assert logged == []


async def test_a_topic_that_ends_before_what_is_asked_for_is_read_to_its_end(settings):
    await fill(settings, 2)

    with capture_logs() as logged:
        values, ends = await read(settings, ends={0: 8})

    assert values == [b"0", b"1"]
    assert ends[0] == 2
    [warning] = logged
    assert (warning["topic"], warning["partition"]) == (settings.documents_topic, 0)
    assert (warning["end"], warning["wanted"]) == (2, 8)


async def test_a_topic_that_ends_before_the_first_offset_that_is_asked_for_ends_too(settings):
    await fill(settings, 2)

    with capture_logs() as logged:
        await read(settings, starts={0: 7}, ends={0: 8})

    assert [warning["end"] for warning in logged] == [2]


async def test_a_topic_that_is_empty_ends_whatever_is_asked_for(settings):
    with capture_logs() as logged:
        assert (await read(settings, starts={0: 7}, ends={0: 8}))[0] == []

    assert [warning["end"] for warning in logged] == [0]
