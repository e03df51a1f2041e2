"""What the README shows works as it is written."""

import asyncio
import re
import sys

import orjson
import pytest
from support import ROOT

from ner_core.testing import ScriptedEngine
from streams.wire.documents import DocumentRecord
from streams.wire.entities import EntityRecord

README = (ROOT / "README.md").read_text("utf-8")
MODELS = ("gemma", "smollm2", "encoder")
ENSEMBLE = """
name = "scripted"
verifier = "gemma"
modes = {{ rough_spans = "rules", verify = "off" }}
backbone = [
    {{ name = "gemma", style = "pattern", context_tokens = 100000, url = "{url}" }},
    {{ name = "smollm2", style = "pattern", context_tokens = 100000, url = "{url}" }},
]
embedder = {{ name = "encoder", url = "{url}" }}
"""


def blocks(language):
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return [block for named, block in fenced if named == language]


async def test_the_python_example_prints_the_entities_that_the_readme_shows(tmp_path):
    [program] = blocks("python")
    [printed] = [b for b in blocks("") if b.startswith("person Ada Lovelace")]
    few = (ROOT / "examples" / "demonstrations.jsonl").read_bytes().splitlines(keepends=True)[:20]
    (tmp_path / "models").mkdir()
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "demonstrations.jsonl").write_bytes(b"".join(few))

    async with ScriptedEngine(MODELS) as engine:
        (tmp_path / "models" / "adapted.toml").write_text(ENSEMBLE.format(url=engine.url), "utf-8")
        pipes = {"stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.PIPE}
        running = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, cwd=tmp_path, **pipes
        )
        out, errors = await running.communicate()

    assert running.returncode == 0, errors.decode()
    assert surfaces(out.decode()) == surfaces(printed)


def surfaces(printed):
    """The lines without the type before and the score after: both are up to the models."""
    return [line.split(" ", 1)[1].rsplit(" ", 1)[0] for line in printed.splitlines()]


def test_the_document_is_one():
    [shown] = [b for b in blocks("json") if '"schema"' not in b]

    assert DocumentRecord.model_validate(orjson.loads(shown)).label_set == "news"


def test_the_record_has_an_entity_as_the_schema_wants_it():
    [shown] = [b for b in blocks("json") if '"schema"' in b]

    for entity in orjson.loads(shown)["entities"]:
        EntityRecord.model_validate(entity)


@pytest.mark.parametrize("target", re.findall(r"^(?:\$ )?make ([a-z]+)", README, re.MULTILINE))
def test_every_target_exists(target):
    assert f"\n{target}:" in (ROOT / "Makefile").read_text("utf-8")
