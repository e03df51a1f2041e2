"""The command line, word for word, with one real model on real vLLM."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest
from support import ROOT

pytestmark = pytest.mark.acceptance

from support.processes import Process  # noqa: E402 - shared with the integration tests

from streams.host.ports import free_port  # noqa: E402 - shared with the integration tests

CACHE = Path("~/.cache/tagwire").expanduser()
START_S = 500
DOCUMENTS = [
    {"id": "acc-1", "text": "Wanjiru Mutua flew from Nairobi to Oslo on Friday."},
    {"id": "acc-2", "title": "Rain in Lisbon", "text": "It rained. Hoshino Robotics closed early."},
]


def ensemble_on_free_ports(folder):
    text = (ROOT / "models" / "single.toml").read_text("utf-8")
    path = folder / "single.toml"
    path.write_text(re.sub(r"port = \d+", lambda _: f"port = {free_port()}", text), "utf-8")
    return path


class Tagwire:
    """The command in an environment of its own."""

    def __init__(self, folder):
        (folder / "cache").mkdir()
        (CACHE / "models").mkdir(parents=True, exist_ok=True)
        (folder / "cache" / "models").symlink_to(CACHE / "models")
        self.folder = folder
        self.environment = {
            "TAGWIRE_BOOTSTRAP": f"127.0.0.1:{free_port()}",
            "TAGWIRE_REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
            "TAGWIRE_WEB_PORT": str(free_port()),
            "TAGWIRE_ENSEMBLE": str(ensemble_on_free_ports(folder)),
            "TAGWIRE_CACHE_FOLDER": str(folder / "cache"),
        }

    def command(self, *arguments):
        return [sys.executable, "-m", "streams.cli", *arguments]

    def run(self, *arguments, **more):
        return subprocess.run(
            self.command(*arguments),
            cwd=ROOT,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            **more,
        )

    def start(self, *arguments):
        process = Process(
            self.command(*arguments), self.folder / f"{arguments[0]}.log", self.environment
        )
        process.start()
        return process


def finds_one(record, names):
    """A tiny model finds at least a part of one name; how good it is, is measured elsewhere."""
    return any(e["text"] in name for e in record["entities"] for name in names)


@pytest.fixture(scope="module")
def tagwire(tmp_path_factory):
    tagwire = Tagwire(tmp_path_factory.mktemp("tagwire"))
    up = tagwire.start("up")
    deadline = time.monotonic() + START_S
    while "  up  " not in up.read_log():
        assert up.child.poll() is None, up.read_log()
        assert time.monotonic() < deadline, up.read_log()
        time.sleep(0.5)
    yield tagwire
    up.end()


@pytest.mark.timeout(900)
def test_all_is_well_and_said_so(tagwire):
    status = tagwire.run("status")

    assert status.returncode == 0, status.stdout + status.stderr
    assert re.search(r"engine gemma +ready", status.stdout)
    assert re.search(r"lag +0 documents", status.stdout)


@pytest.mark.timeout(900)
def test_what_is_sent_comes_out_tagged_by_the_model(tagwire):
    lines = "\n".join(json.dumps(document) for document in DOCUMENTS)
    sent = tagwire.run("send", "-", input=lines)
    assert sent.returncode == 0, sent.stderr

    tail = tagwire.start("tail", "--json", "--from-beginning")
    deadline = time.monotonic() + 200
    while len(records := tail.read_log().splitlines()) < len(DOCUMENTS):
        assert time.monotonic() < deadline, tail.read_log()
        time.sleep(0.2)
    tail.end()

    schema = json.loads((ROOT / "docs" / "schemas" / "entities.json").read_text("utf-8"))
    documents = {document["id"]: document for document in DOCUMENTS}
    found = {}
    for line in records:
        record = json.loads(line)
        jsonschema.Draft202012Validator(schema).validate(record)
        for e in record["entities"]:
            field = documents[record["document_id"]][e["field"]]
            assert field[e["start"] : e["end"]] == e["text"]
        found[record["document_id"]] = record
    assert found.keys() == documents.keys()
    assert finds_one(found["acc-1"], ("Wanjiru Mutua", "Nairobi", "Oslo"))


@pytest.mark.timeout(900)
def test_a_text_file_is_tagged_without_the_topics(tagwire, tmp_path):
    article = tmp_path / "article.txt"
    article.write_text("Kenji Morioka left Osaka for Lima.", "utf-8")
    tagged = tagwire.run("tag", str(article))

    assert tagged.returncode == 0, tagged.stderr
    record = json.loads(tagged.stdout)
    assert record["document_id"] == "article.txt"
    assert re.search(r"tagged +\d{1,2}\.\d s per sentence, 1 in all\n", tagged.stderr)
    assert finds_one(record, ("Kenji Morioka", "Osaka", "Lima"))


@pytest.mark.timeout(900)
def test_down_ends_it(tagwire):
    down = tagwire.run("down")

    assert down.returncode == 0, down.stderr
    assert tagwire.run("status").returncode == 1
