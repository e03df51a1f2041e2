"""A text that is stopped while the demonstrations are taken up: the next one has them all."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.dashboard import trying
from support.pipelines import POOL, pipeline

from ner_core.pool.pool import version_of
from ner_core.testing import RuleEngine
from streams.host.lifetimes import background
from streams.settings import load_settings
from streams.wire.codec import encode

SETTINGS = load_settings(redis_url="")
TEXT = encode({"text": "Ada Kern came."})


class PausesAt(ThreadPoolExecutor):
    """Holds one of its jobs, counted from 1, until it may go on."""

    def __init__(self, number):
        super().__init__()
        self._left = number
        self.was_reached, self.may_go_on = asyncio.Event(), threading.Event()

    def submit(self, call, *arguments):
        self._left -= 1
        if self._left:
            return super().submit(call, *arguments)
        self.was_reached.set()
        return super().submit(self._later, call, *arguments)

    def _later(self, call, *arguments):
        assert self.may_go_on.wait(30)
        return call(*arguments)


@pytest.mark.parametrize("job", [1, 2, 3, 4])
async def test_whenever_a_text_is_stopped_the_next_has_the_demonstrations_of_the_topic(job):
    made = await pipeline(RuleEngine("a"), pool=[])
    tried, _ = trying(made, SETTINGS)
    executor = PausesAt(job)
    asyncio.get_running_loop().set_default_executor(executor)
    async with asyncio.timeout(60), background() as start:
        start(tried.serve())
        stopped = asyncio.create_task(tried.explained(TEXT))
        await executor.was_reached.wait()
        stopped.cancel()
        await asyncio.wait({stopped})
        following = asyncio.create_task(tried.explained(TEXT))
        executor.may_go_on.set()
        answer = await following

    assert len(answer["sentences"][0]["demonstrations"]) == 3
    assert made.pool.version == version_of(POOL)
