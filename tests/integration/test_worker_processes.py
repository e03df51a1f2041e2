"""Several workers from one command: they share the documents, and SIGTERM drains all of them."""

import json
import os
import signal
from pathlib import Path

import pytest
from support import ROOT
from support.processes import is_running, until
from support.stack import WORKER, running_stack

pytestmark = pytest.mark.integration

FEED = [json.loads(line) for line in (ROOT / "examples/feed.jsonl").read_text("utf-8").splitlines()]
DOCUMENTS = [{**FEED[n % len(FEED)], "id": f"d-{n}"} for n in range(24)]


@pytest.fixture
async def stack(tmp_path):
    kind = "kafka" if "KAFKA_HOME" in os.environ else "tansu"
    logs = {"log_folder": str(tmp_path / "logs"), "drain_timeout_s": 20.0}
    async with running_stack(tmp_path, kind, partitions=4, **logs) as made:
        made.worker.command = [*WORKER, "--processes", "2"]
        await made.start_worker()
        yield made


def children(stack):
    """Process ids of the workers, those below launchers included."""
    pid = stack.worker.child.pid
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()]


async def tagged_by(stack):
    """Documents tagged so far, by worker."""
    text = (await stack.get("/metrics")).get("text", "")
    counts = {}
    for line in text.splitlines():
        if line.startswith("tagwire_documents_total{") and 'outcome="entities"' in line:
            name = line.partition('worker="')[2].partition('"')[0]
            counts[name] = counts.get(name, 0) + float(line.split()[-1])
    return counts


async def shared(stack):
    """Whether each of both workers has partitions of its own."""
    ready = await stack.get("/ready")
    return ready.get("ready") and len(ready["partitions"]) == 4


async def test_both_workers_have_their_part_of_the_documents(stack):
    await until(lambda: shared(stack), "the partitions are shared", of=stack.worker)
    for document in DOCUMENTS:
        await stack.send(document)
    entities, dead = await stack.outcomes()

    assert {record.key.decode() for record in entities} == {d["id"] for d in DOCUMENTS}
    assert not dead
    counts = await tagged_by(stack)
    assert counts.keys() == {"worker-1", "worker-2"}
    assert all(counts.values())
    assert sum(counts.values()) == len(DOCUMENTS)


async def test_sigterm_drains_all_workers_and_leaves_none_behind(stack):
    await until(lambda: shared(stack), "the partitions are shared", of=stack.worker)
    for engine in ("gemma", "smollm2"):
        await stack.script(engine, delay_s=0.5)
    for document in DOCUMENTS:
        await stack.send(document)
    await until(stack.in_flight, "documents are in flight", of=stack.worker)
    workers = children(stack)
    stack.worker.signal(signal.SIGTERM)

    assert stack.worker.wait(60) == 0
    assert len(workers) == 2
    assert not any(is_running(pid) for pid in workers)
    for log in sorted((stack.folder / "logs").glob("worker-*.log")):
        assert "left=0" in log.read_text("utf-8")


async def test_a_worker_that_is_killed_is_started_again(stack):
    await until(lambda: shared(stack), "the partitions are shared", of=stack.worker)
    os.kill(children(stack)[0], signal.SIGKILL)

    async def restarted():
        return await stack.metric("tagwire_worker_restarts_total") >= 1 and await shared(stack)

    await until(restarted, "it was started again", 90, stack.worker)
    await stack.send(DOCUMENTS[0])
    entities, _ = await stack.outcomes()
    assert len(entities) == 1
