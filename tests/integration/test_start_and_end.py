"""A worker that is told to end does so, at any moment of its life, and leaves its group."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from functools import partial

import httpx2
import pytest
from aiokafka.errors import GroupCoordinatorNotAvailableError
from support import ROOT
from support.processes import until
from support.stack import running_stack

from ner_core.concurrency import all_of
from streams.host.ports import free_port

pytestmark = [pytest.mark.integration, pytest.mark.kafka]

FEED = [json.loads(line) for line in (ROOT / "examples/feed.jsonl").read_text("utf-8").splitlines()]
TRIALS = int(os.environ.get("TRIALS", "4"))
AT_ONCE = int(os.environ.get("AT_ONCE", "2"))
LATEST_S = float(os.environ.get("LATEST_S", "12"))  # a busy machine takes longer to start
START_S = 120.0
DRAIN_S = 5.0
GRACE_S = 5.0
SESSION_S = 6.0
PARTITIONS = 4


@pytest.fixture
async def stack(tmp_path):
    if "KAFKA_HOME" not in os.environ:
        pytest.skip("KAFKA_HOME names no Apache Kafka")
    async with running_stack(
        tmp_path,
        "kafka",
        drain_timeout_s=DRAIN_S,
        session_timeout_s=SESSION_S,
        partitions=PARTITIONS,
    ) as made:
        for engine in ("gemma", "smollm2"):
            await made.script(engine, delay_s=0.2)
        for article in FEED:
            await made.send(article)
        yield made


def worker_of(stack, group, name=None):
    """A worker in a group, not started."""
    return stack.another_worker(name or group, group=group, web_port=free_port())


async def ends(worker):
    """Tell a worker to end; its exit status, or None and it is killed if it takes too long."""
    worker.signal(signal.SIGTERM)
    try:
        return await asyncio.to_thread(worker.wait, DRAIN_S + GRACE_S)
    except subprocess.TimeoutExpired:
        worker.signal(signal.SIGABRT)  # its log then ends with what every thread was doing
        await asyncio.to_thread(worker.wait)
        return None


async def trial(stack, group, moment_s, begun=None):
    """End a worker some seconds after its start, or after a word in its log: what went wrong.

    One that has not said anything does not listen to signals yet: Python ends it.
    """
    worker = worker_of(stack, group)
    worker.start()
    try:
        if begun is not None:
            await until(partial(said, worker, begun), f"the log says {begun}", START_S, worker)
        await asyncio.sleep(moment_s)
        told = time.monotonic()
        status = await ends(worker)
    finally:
        worker.end()
    log = worker.read_log()
    took_s = time.monotonic() - told
    sys.stdout.write(f"told after {moment_s:.1f} s, {last_step(log)}: {status} in {took_s:.1f} s\n")
    if status not in ({0} if log else {0, -signal.SIGTERM}):
        return f"{moment_s:.2f} s: status {status}; its log ends:\n{log[-6000:]}"
    return None


def last_step(log):
    """How far a worker had come."""
    steps = ("web", "pool", "started", "draining")
    return next((step for step in reversed(steps) if f"] {step} " in log), "importing")


async def said(worker, word):
    return word in worker.read_log()


async def trials(stack, name, moments_s, begun=None):
    """Start and end as many workers, each in a group of its own: what went wrong."""
    at_once = asyncio.Semaphore(AT_ONCE)

    async def bounded(number, moment_s):
        async with at_once:
            return await trial(stack, f"{name}-{number}", moment_s, begun)

    failures = await all_of(bounded(n, s) for n, s in enumerate(moments_s))
    for number in range(len(failures)):
        await group_is_empty(stack, f"{name}-{number}")
    return [failure for failure in failures if failure]


@pytest.mark.timeout(180 + (LATEST_S + 20) * TRIALS)
async def test_a_worker_ends_in_time_at_any_moment_of_its_life(stack):
    moments_s = [random.Random(number).uniform(0, LATEST_S) for number in range(TRIALS)]

    assert await trials(stack, "any", moments_s) == []


@pytest.mark.timeout(300)
async def test_a_worker_that_is_joining_its_group_ends_in_time(stack):
    moments_s = [0.0, 0.4, 0.8, 1.2, 1.6, 2.4]

    assert await trials(stack, "joining", moments_s, begun="demonstrations=") == []


async def test_a_worker_whose_broker_is_gone_ends_in_time(stack):
    worker = worker_of(stack, "bereft")
    worker.start()
    try:
        await until(partial(said, worker, "started"), "it works", START_S, worker)
        await until(partial(in_flight, worker), "documents are in flight", START_S, worker)
        stack.broker.kill()

        assert await ends(worker) == 0, worker.read_log()[-6000:]
    finally:
        worker.end()


async def test_workers_that_rebalance_end_in_time(stack):
    first, second = (worker_of(stack, "shared", name) for name in ("first", "second"))
    first.start()
    second.start()
    try:
        for worker in (first, second):
            await until(partial(said, worker, "demonstrations="), "both join", START_S, worker)
        await until(partial(said, first, "started"), "one has joined", START_S, first)
        second.signal(signal.SIGTERM)  # in the middle of its join, and of the other's

        assert await ends(first) == 0, first.read_log()[-6000:]
        assert await asyncio.to_thread(second.wait, DRAIN_S + GRACE_S) == 0
    finally:
        first.end()
        second.end()
    await group_is_empty(stack, "shared")


async def test_a_worker_without_partitions_is_ready(stack):
    group = "many"
    workers = [worker_of(stack, group, f"many-{n}") for n in range(PARTITIONS + 1)]
    for worker in workers:
        worker.start()
    try:
        for worker in workers:
            await until(partial(said, worker, "started"), "it has joined", START_S, worker)

        async def all_read():
            pages = [await page(worker, "/ready") for worker in workers]
            shares = sorted(len(said["partitions"]) for said in pages)
            return all(said["ready"] for said in pages) and shares == [0, 1, 1, 1, 1]

        await until(all_read, "all are ready, one of them without a partition", START_S)
    finally:
        for worker in workers:
            worker.end()


async def page(worker, path):
    url = f"http://127.0.0.1:{worker.environment['TAGWIRE_WEB_PORT']}{path}"
    async with httpx2.AsyncClient(trust_env=False, timeout=10) as client:
        return (await client.get(url)).json()


async def in_flight(worker):
    return (await page(worker, "/live"))["in_flight"] > 0


async def group_is_empty(stack, group):
    async def empty():
        try:
            return not await stack.members(group)
        except GroupCoordinatorNotAvailableError:  # there has been no group yet
            return True

    await until(empty, f"{group} has no members", SESSION_S + 2)
