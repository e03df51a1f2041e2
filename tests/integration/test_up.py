"""`tagwire up` and its end: everything is kept alive, ends in order, and nothing is left."""

import json
import os
import re
import signal
import socket

import pytest
from support import ROOT
from support.brokers import broker
from support.processes import until
from support.up import running_up, up_stack

pytestmark = [pytest.mark.integration, pytest.mark.timeout(500)]

FEED = [json.loads(line) for line in (ROOT / "examples/feed.jsonl").read_text("utf-8").splitlines()]
ARTICLES = FEED[:8]
ENGINES = ["engine encoder", "engine gemma", "engine smollm2"]


SERVICES = {
    "redis": "redis", "engine gemma": "gemma", "worker": "worker", "dashboard": "dashboard",
    "broker": "tansu",
}  # fmt: skip
"""Names, each with a word of the command line."""


def ids_of(articles):
    return sorted(article["id"] for article in articles)


def ids(records):
    return sorted({record.key.decode() for record in records})


async def send_and_wait_until_one_is_in_flight(stack):
    for engine in ("gemma", "smollm2"):
        await stack.script(engine, delay_s=0.5)
    for article in ARTICLES:
        await stack.send(article)
    await until(stack.in_flight, "a document is in flight", of=stack.worker)


async def printed(stack, line):
    async def condition():
        return re.search(line, stack.worker.read_log())

    await until(condition, f"{line!r} is printed", of=stack.worker)


async def no_child_is_left(stack):
    async def condition():
        return not stack.children()

    await until(condition, "every child is gone", 30, stack.worker)


async def test_ended_twice_in_mid_work_it_ends_everything_in_order_and_the_broker_last(
    tmp_path,
):
    async with running_up(up_stack(tmp_path)) as stack:
        assert stack.reached("ready")[:2] == ["broker", "redis"]
        assert stack.reached("ready")[-2:] == ["worker", "dashboard"]
        await stack.send(b"{no \x1b json", key=b"bad")
        await printed(stack, "  dead letter  +bad  invalid_json  value is not JSON")
        await send_and_wait_until_one_is_in_flight(stack)

        stack.worker.signal(signal.SIGINT)

        async def ending():
            return "worker" in stack.reached("ending")

        await until(ending, "the worker is ending")
        stack.worker.signal(signal.SIGINT)
        assert stack.worker.wait(60) == 0
        assert stack.children() == set()

    ends = stack.reached("ending", "ended")
    assert ends[:4] == ["dashboard", "dashboard", "worker", "worker"]
    assert sorted(ends[4:10]) == sorted(ENGINES * 2)
    assert ends[10:] == ["redis", "redis", "broker", "broker"]
    assert "Traceback" not in stack.worker.read_log()


@pytest.mark.kafka
@pytest.mark.skipif("KAFKA_HOME" not in os.environ, reason="KAFKA_HOME names no Apache Kafka")
async def test_ended_in_mid_work_and_started_again_on_real_kafka_it_loses_nothing(tmp_path):
    async with broker("kafka", tmp_path) as (bootstrap, _):
        stack = up_stack(tmp_path, kafka=bootstrap)
        async with running_up(stack):
            await send_and_wait_until_one_is_in_flight(stack)
            stack.worker.signal(signal.SIGINT)
            stack.worker.signal(signal.SIGTERM)
            assert stack.worker.wait(60) == 0
            assert stack.children() == set()
        assert stack.reached("ended")[:2] == ["dashboard", "worker"]
        assert stack.reached("ended")[-1] == "redis"
        assert "demonstrations, which was empty" in stack.worker.read_log()

        async with running_up(stack):
            entities, dead = await stack.outcomes()
        assert "demonstrations has records, so no" in stack.worker.read_log()

    assert (ids(entities), dead) == (ids_of(ARTICLES), [])


async def test_killed_it_leaves_no_child(tmp_path):
    async with running_up(up_stack(tmp_path)) as stack:
        assert len(stack.children()) == len([stack.worker, *SERVICES, *ENGINES[1:]])
        stack.worker.kill()

        await no_child_is_left(stack)


async def test_stopped_while_it_starts_it_ends_what_has_started(tmp_path):
    stack = up_stack(tmp_path)
    stack.worker.start()

    async def starting():
        return "engine gemma" in stack.reached("starting")

    await until(starting, "engines are starting", 60, stack.worker)
    stack.worker.signal(signal.SIGTERM)

    assert stack.worker.wait(60) == 0
    assert stack.children() == set()
    assert stack.reached("ended")[-2:] == ["redis", "broker"]


async def test_whatever_is_killed_is_started_again_and_documents_still_come_out(tmp_path):
    async with running_up(up_stack(tmp_path)) as stack:
        for number, (name, word) in enumerate(SERVICES.items()):
            os.kill(stack.child(word), signal.SIGKILL)

            async def again(name=name):
                return (
                    name in stack.reached("restarting") and stack.reached("ready").count(name) == 2
                )

            await until(again, f"{name} is ready again", 200, stack.worker)
            await stack.send(ARTICLES[number])
            if name == "broker":  # what was on it is lost
                stack.sent = 1
            entities, dead = await stack.outcomes(s=120)

    assert (ids(entities), dead) == (ids_of(ARTICLES[number : number + 1]), [])
    assert re.findall(r"LOST +(the broker|Redis)", stack.worker.read_log()) == [
        "Redis",
        "the broker",
    ]


@pytest.mark.parametrize(
    ("setting", "of"),
    [
        ("bootstrap", "the broker"),
        ("redis_url", "Redis"),
        ("web_port", "the worker"),
        ("dashboard_port", "the dashboard"),
    ],
)
async def test_a_port_in_use_is_named_before_anything_is_started(tmp_path, setting, of):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        value = {"bootstrap": f"127.0.0.1:{port}", "redis_url": f"redis://127.0.0.1:{port}"}
        stack = up_stack(tmp_path, **{setting: value.get(setting, port)})
        stack.worker.start()

        assert stack.worker.wait(60) == 1
    log = stack.worker.read_log()
    assert f"port {port} for {of} cannot be used" in log
    assert f"TAGWIRE_{setting.upper()}" in log
    assert "starting" not in log
