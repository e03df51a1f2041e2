"""A busy event loop uses up no time-out."""

import asyncio
import time

import pytest

from ner_core.stores.patience import within


async def reply_after(s):
    await asyncio.sleep(s)
    return "reply"


@pytest.mark.timed
async def test_a_reply_in_time_is_returned_at_once():
    began = time.monotonic()

    assert await within(5, reply_after(0)) == "reply"
    assert time.monotonic() - began < 1


@pytest.mark.timed
async def test_a_call_that_hangs_is_ended_after_its_time():
    call = asyncio.Event()
    ended = asyncio.Event()

    async def hang():
        try:
            await call.wait()
        finally:
            ended.set()

    began = time.monotonic()
    with pytest.raises(TimeoutError, match=r"no reply within 0\.3 s"):
        await within(0.3, hang())

    assert 0.29 < time.monotonic() - began < 0.6
    assert ended.is_set()


async def test_an_error_comes_through():
    async def fail():
        raise OSError("reset")

    with pytest.raises(OSError, match="reset"):
        await within(0.3, fail())


async def test_a_reply_that_came_while_the_loop_was_busy_is_returned():
    async def reply():
        asyncio.get_running_loop().call_soon(time.sleep, 0.5)
        await asyncio.sleep(0.1)
        for _ in range(5):  # a reply is read and parsed in several turns of the loop
            await asyncio.sleep(0)
        return "reply"

    assert await within(0.3, reply()) == "reply"


async def test_whoever_is_cancelled_cancels_the_call():
    begun, ended = asyncio.Event(), asyncio.Event()

    async def hang():
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    waiting = asyncio.create_task(within(60, hang()))
    await begun.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    assert ended.is_set()
