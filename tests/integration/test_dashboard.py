"""The dashboard as a process beside a whole stack: what is sent is seen, whatever goes away."""

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager

import aiohttp
import pytest
from support import ROOT
from support.dashboard import events
from support.processes import Process, answers, until
from support.stack import running_stack, variables

from streams.client.originals import Originals
from streams.host.ports import free_port
from streams.wire.entities import Origin

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]

FEED = [json.loads(line) for line in (ROOT / "examples/feed.jsonl").read_text("utf-8").splitlines()]
DASHBOARD = [sys.executable, "-m", "streams.cli", "dashboard"]


class Page:
    """A page that is open: what it was sent, by kind."""

    def __init__(self):
        self.documents, self.letters, self.deleted, self.state = {}, {}, [], {}

    async def read(self, response):
        while True:
            [(kind, data)] = await events(response, 1)
            if kind == "document":
                self.documents[data["id"]] = data
            elif kind == "letter":
                self.letters[data["id"]] = data
            elif kind == "deletion":
                self.deleted.append(data["id"])
            elif kind == "state":
                self.state = data

    async def shows(self, condition, what):
        async def holds():
            return condition(self)

        await until(holds, f"{what}: {self.state}", 120)


@asynccontextmanager
async def dashboard_of(stack):
    port = free_port()
    environment = {**stack.worker.environment, **variables({"dashboard_port": port})}
    process = Process(DASHBOARD, stack.folder / "dashboard.log", environment)
    process.start()
    url = f"http://127.0.0.1:{port}"
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout()) as session:

        async def lives():
            try:
                return (await session.get(f"{url}/live")).status == 200
            except aiohttp.ClientError:
                return False

        try:
            await until(lives, "the dashboard answers", of=process)
            yield url, session, process
        finally:
            process.end()


@asynccontextmanager
async def open_page(url, session):
    page = Page()
    async with session.get(f"{url}/events") as response:
        reading = asyncio.create_task(page.read(response))
        try:
            yield page
        finally:
            reading.cancel()


async def test_what_is_sent_appears_with_its_text_and_what_dies_can_be_looked_into(tmp_path):
    async with running_stack(tmp_path) as stack:
        await stack.start_worker()
        await stack.send(FEED[0])
        await stack.outcomes()
        async with (
            dashboard_of(stack) as (url, session, process),
            open_page(url, session) as page,
        ):
            await page.shows(lambda p: FEED[0]["id"] in p.documents, "a document from before")
            await stack.send(FEED[1])
            await stack.send(b"{no \x1b json", key=b"bad")
            await page.shows(lambda p: {d["id"] for d in FEED[:2]} == set(p.documents), "both")
            await page.shows(lambda p: "bad" in p.letters, "the dead letter")
            await page.shows(lambda p: (p.state.get("worker") or {}).get("ready"), "the worker")
            await page.shows(lambda p: (p.state.get("figures") or {}).get("ended") == 3, "figures")
            await page.shows(
                lambda p: {e["state"] for e in p.state.get("engines", [])} == {"ready"}, "engines"
            )
            text = "".join(p["text"] for p in page.documents[FEED[1]["id"]]["fields"][1]["pieces"])
            letter = await session.get(f"{url}/letters/{page.letters['bad']['position']}")
            inside = await letter.json()
            await stack.send(None, key=FEED[1]["id"].encode())
            await page.shows(lambda p: p.deleted == [FEED[1]["id"]], "the deletion")

            began = asyncio.get_running_loop().time()
            process.signal(2)
            assert await asyncio.to_thread(process.wait) == 0
            took_s = asyncio.get_running_loop().time() - began

    assert text == FEED[1]["text"]
    assert inside["document"] == "{no ␛ json"
    assert ["tagwire-reason", "invalid_json"] in inside["headers"]
    assert took_s < 2
    assert "Traceback" not in process.read_log()


async def test_a_text_is_tried_as_a_worker_would_tag_it_and_nothing_is_written(tmp_path):
    text = {name: FEED[2][name] for name in ("title", "text", "language")}
    async with running_stack(tmp_path) as stack:
        await stack.start_worker()
        async with dashboard_of(stack) as (url, session, _):
            before = await stack.get("/metrics")
            tried = await (await session.post(f"{url}/try", json=text)).json()
            after = await stack.get("/metrics")
        await stack.send(FEED[2])
        [[record], dead] = await stack.outcomes()

    facts = dict(tried["document"]["facts"])
    assert (facts["fingerprint"], dead) == (record.json["fingerprint"], [])
    assert facts["entities"] == str(len(record.json["entities"]))
    assert [line for line in before["text"].splitlines() if "documents_total" in line] == [
        line for line in after["text"].splitlines() if "documents_total" in line
    ]


async def test_without_worker_engines_or_broker_the_page_says_so_and_goes_on_when_they_are_back(
    tmp_path,
):
    async with running_stack(tmp_path) as stack:
        stack.engines["gemma"].kill()
        async with (
            dashboard_of(stack) as (url, session, process),
            open_page(url, session) as page,
        ):
            await page.shows(
                lambda p: (p.state.get("worker") or {}).get("answers") is False, "no worker"
            )
            await page.shows(
                lambda p: (
                    {e["name"]: e["state"] for e in p.state.get("engines", [])}
                    == {"gemma": "away", "smollm2": "ready", "encoder": "ready"}
                ),
                "an engine is away",
            )
            tried = await session.post(f"{url}/try", json={"text": "Ada."})
            assert tried.status == 503
            assert "gemma" in (await tried.json())["error"]
            stack.broker.kill()
            await page.shows(lambda p: p.state.get("broker"), "the broker is away")
            stack.broker.start()
            await until(lambda: answers(stack.settings.bootstrap), "the broker answers")
            assert process.child.poll() is None


async def put_numbers(stack, numbers):
    for number in numbers:
        await stack.producer.send_and_wait(
            stack.settings.documents_topic, b"%d" % number, key=b"k", partition=1
        )


async def found_at(stack, originals, *places):
    found = []
    for partition, offset in places:
        topic = stack.settings.documents_topic
        origin = Origin(topic=topic, partition=partition, offset=offset, timestamp_ms=0)
        message = await originals.find(origin)
        found.append(message and message.value)
    return found


async def test_originals_are_found_in_any_order_and_what_is_not_there_is_not_waited_for(tmp_path):
    async with running_stack(tmp_path) as stack:
        await put_numbers(stack, range(3))
        places = ((1, 0), (1, 1), (1, 0), (1, 2), (1, 9), (9, 0), (1, 1))
        async with Originals(stack.settings) as originals:
            found = await found_at(stack, originals, *places)

    assert found == [b"0", b"1", b"0", b"2", None, None, b"1"]


@pytest.mark.kafka
@pytest.mark.skipif("KAFKA_HOME" not in os.environ, reason="KAFKA_HOME names no Apache Kafka")
async def test_an_original_after_one_that_is_out_of_range_is_found(tmp_path):
    async with running_stack(tmp_path, "kafka") as stack:
        await put_numbers(stack, range(3))
        async with Originals(stack.settings) as originals:
            before = await found_at(stack, originals, (1, 2), (1, 99))
            await put_numbers(stack, [3])
            after = await found_at(stack, originals, (1, 3))

    assert (before, after) == ([b"2", None], [b"3"])
