"""Standard output holds data alone, whatever there is to warn of; the warnings go elsewhere."""

import asyncio
import json
import os
import subprocess
import sys
from contextlib import ExitStack

import httpx2
import pytest
from aiokafka import AIOKafkaProducer
from support import ROOT
from support.processes import answers, running, tansu, until
from support.stack import ENGINES, ENSEMBLE, scripted_engine

from streams import topics
from streams.host.ports import can_listen, free_port
from streams.settings import load_settings

pytestmark = pytest.mark.integration


@pytest.fixture
async def ports(tmp_path):
    """Scripted engines that refuse their first requests, and an ensemble file of them."""
    ports = {name: free_port() for name in ENGINES}
    (tmp_path / "ensemble.toml").write_text(ENSEMBLE.format(**ports))
    with ExitStack() as engines:
        for name, port in ports.items():
            engines.enter_context(running(scripted_engine(tmp_path, name, port)))
        await until(lambda: all_listen(ports.values()), "the engines answer")
        yield ports


async def all_listen(ports):
    return not any(can_listen(port) for port in ports)


async def fail(port, **faults):
    async with httpx2.AsyncClient(trust_env=False) as client:
        (await client.post(f"http://127.0.0.1:{port}/script", json=faults)).raise_for_status()


class Command:
    """A command whose standard output and standard error are read apart."""

    def __init__(self, folder, *arguments, **environment):
        self.arguments = [sys.executable, "-m", "streams.cli", *arguments]
        self.folder = folder
        self.environment = {
            **os.environ,
            "TAGWIRE_ENSEMBLE": str(folder / "ensemble.toml"),
            "TAGWIRE_REDIS_URL": "",
            "TAGWIRE_CACHE_FOLDER": str(folder / "cache"),
            **environment,
        }

    async def __aenter__(self):
        self.child = await asyncio.create_subprocess_exec(
            *self.arguments,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        return self

    async def __aexit__(self, *_):
        if self.child.returncode is None:
            self.child.kill()
        await self.child.wait()

    async def warns(self, text):
        """Wait for a line of standard error."""
        async with asyncio.timeout(60):
            while text not in (line := (await self.child.stderr.readline()).decode()):
                assert line, f"ended without {text!r}"

    async def output(self):
        """Lines of standard output when it has ended, and it has ended well."""
        out, err = await asyncio.wait_for(self.child.communicate(), 60)
        assert self.child.returncode == 0, err.decode()
        return out.splitlines()


async def test_tag_prints_records_alone_while_an_engine_is_busy(ports, tmp_path):
    feed = ROOT / "examples" / "feed.jsonl"
    word = json.loads(feed.read_text("utf-8").splitlines()[1])["title"].split()[0]
    await fail(ports["gemma"], refuse_on=word, status=503)
    async with Command(tmp_path, "tag", str(feed), "--limit", "2") as tag:
        await tag.warns("engine did not answer")
        await fail(ports["gemma"], refuse_on="")
        records = await tag.output()

    assert [json.loads(record)["schema"] for record in records] == ["tagwire.entities.v1"] * 2


async def test_eval_prints_a_line_for_the_file_alone_while_an_engine_is_busy(ports, tmp_path):
    towns = ["Oslo", "Lima", "Kyoto", "Quito"]
    lines = [
        {"id": t, "text": f"A storm hit {t}.",
         "entities": [{"start": 12, "end": 12 + len(t), "type": "town"}]}
        for t in towns
    ]  # fmt: skip
    for name, part in (("test", lines[:2]), ("train", lines[2:])):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, part)), "utf-8")
    await fail(ports["gemma"], refuse_on="Lima", status=503)
    arguments = ("eval", "test.jsonl", "--demonstrations", "train.jsonl", "--json")
    async with Command(tmp_path, *arguments) as evaluation:
        await evaluation.warns("engine did not answer")
        await fail(ports["gemma"], refuse_on="")
        [result] = await evaluation.output()

    assert json.loads(result)["sentences"] == 2


async def test_tail_prints_the_bytes_of_records_alone_while_the_broker_is_away(tmp_path):
    port = free_port()
    settings = load_settings(bootstrap=f"127.0.0.1:{port}")
    written = [b'{ "odd":   "spaces", "big": 123456789012345678901234567890 }', b"no JSON", None]
    shown = [*written[:2], b'{"document_id":"d2","deleted":true}']
    arguments = ("tail", "--json", "--from-beginning")
    async with Command(tmp_path, *arguments, TAGWIRE_BOOTSTRAP=settings.bootstrap) as tail:
        await tail.warns("waiting for the broker")
        with running(tansu(tmp_path, port)):
            await until(lambda: answers(settings.bootstrap), "the broker answers")
            await topics.create(settings)
            producer = AIOKafkaProducer(**settings.kafka())
            await producer.start()
            for number, value in enumerate(written):
                key = f"d{number}".encode()
                await producer.send_and_wait(settings.entities_topic, value, key, partition=0)
            await producer.stop()
            async with asyncio.timeout(60):
                lines = [await tail.child.stdout.readline() for _ in written]

    assert lines == [line + b"\n" for line in shown]
