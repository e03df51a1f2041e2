"""Documents name what there is: files, links, commands, settings, messages, reasons and metrics."""

import ast
import re
from functools import cache

import pytest
import typer
from prometheus_client.parser import text_string_to_metric_families
from support import ROOT

from ner_core.errors import DocumentError, EngineError, UnknownTypeError
from streams.cli.app import cli
from streams.client.patience import UntaggableError
from streams.settings import Settings
from streams.wire.errors import InvalidDemonstrationError
from streams.worker.metrics import Metrics
from streams.worker.retries import KillsEngineError

PAGES = sorted(
    page
    for folder in (ROOT, ROOT / "docs", ROOT / "models", ROOT / "training")
    for page in (folder.glob("*.md") if folder == ROOT else folder.rglob("*.md"))
)
OPERATE = (ROOT / "docs" / "how-to" / "operate.md").read_text("utf-8")
BY_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
FILE = re.compile(r"`((?:ner_core|streams|tests|benchmarks|docs|models|training)/[\w./-]+)`")
GROUP = r"(?:models|topics|demos|dead|annotate) |gpu-worker (?=plan|restart)"
COMMAND = re.compile(rf"\btagwire ((?:{GROUP})?[a-z]+(?:-[a-z]+)?)([^`\n]*)")
VARIABLE = re.compile(r"\bTAGWIRE_[A-Z_]+\b")


@BY_PAGE
def test_every_link_leads_somewhere(page):
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8"))

    for link in links:
        if not link.startswith("https:"):
            path, _, heading = link.partition("#")
            target = page.parent / path if path else page
            assert target.exists(), link
            assert not heading or heading in headings(target), link


def headings(page):
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}


@BY_PAGE
def test_every_file_exists(page):
    named = [file for file in FILE.findall(page.read_text("utf-8")) if "NNNN" not in file]

    assert [file for file in named if not (ROOT / file).exists()] == []


@BY_PAGE
def test_every_command_and_its_options_exist(page):
    code = "\n".join(CODE.findall(page.read_text("utf-8")))

    for name, arguments in COMMAND.findall(code):
        command = typer.main.get_command(cli)
        for word in name.split():
            assert word in command.commands, name
            command = command.commands[word]
        options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        assert set(re.findall(r"(?<!\S)--[a-z-]+", arguments.partition("#")[0])) <= options, name


@BY_PAGE
def test_every_variable_is_a_setting(page):
    known = {f"TAGWIRE_{name.upper()}" for name in Settings.model_fields} | {"TAGWIRE_CONFIG"}

    assert set(VARIABLE.findall(page.read_text("utf-8"))) - {"TAGWIRE_"} <= known


@pytest.mark.parametrize(
    "path", sorted((ROOT / "docs" / "how-to").glob("*.md")), ids=lambda p: p.stem
)
def test_every_target_of_make_exists(path):
    targets = re.findall(r"`make ([a-z-]+)`", path.read_text("utf-8"))

    assert [t for t in targets if f"\n{t}:" not in (ROOT / "Makefile").read_text("utf-8")] == []


def test_every_reason_of_a_dead_letter_is_explained():
    elsewhere = {DocumentError, InvalidDemonstrationError, UnknownTypeError, UntaggableError}
    dead = {kind for kind in subclasses(DocumentError) if kind not in elsewhere}
    dead |= {kind for kind in subclasses(EngineError) if not kind.retryable}

    assert KillsEngineError in dead
    assert [kind.code for kind in dead if f"`{kind.code}`" not in OPERATE] == []


def subclasses(kind):
    return {kind}.union(*map(subclasses, kind.__subclasses__())) - {EngineError}


def test_every_metric_is_explained():
    families = text_string_to_metric_families(Metrics().exposition().decode())
    names = {family.name for family in families if not family.name.endswith("_created")}

    own = [name for name in sorted(names) if not name.startswith("process_")]
    assert "`process_*`" in OPERATE
    assert [name for name in own if f"`{name}" not in OPERATE] == []


def test_every_message_of_the_troubleshooting_table_is_in_the_code():
    _, _, table = OPERATE.partition("## Troubleshooting")
    messages = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    pieces = [piece.strip() for message in messages for piece in message.split("…")]

    assert len(messages) > 10
    assert [p for p in pieces if len(p) > 2 and not any(p in text for text in texts())] == []


@cache
def texts():
    """Every string in the code, without what is filled in."""
    paths = [path for room in ("ner_core", "streams") for path in (ROOT / room).rglob("*.py")]
    nodes = [node for path in paths for node in ast.walk(ast.parse(path.read_text("utf-8")))]
    return {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
