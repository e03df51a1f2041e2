"""What a person did wrong is one line, without traceback, number or anything twice."""

import socket
import subprocess
import sys

import pytest
from support import ROOT

DOCUMENTS = (ROOT / "examples/feed.jsonl").as_posix()
ENSEMBLE = (ROOT / "models/embedded.toml").read_text("utf-8")


def tagwire(folder, *arguments, **settings):
    """Exit status and lines of standard error of a command in a folder."""
    variables = {f"TAGWIRE_{name.upper()}": value for name, value in settings.items()}
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        [sys.executable, "-m", "streams.cli", *arguments],
        cwd=folder, env=environment | variables, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return ended.returncode, ended.stderr.splitlines()


@pytest.fixture
def closed():
    """A port on which nothing listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.mark.parametrize("command", [("html",), ("export", "--format", "csv")])
def test_a_broker_that_is_down(tmp_path, closed, command):
    name, *options = command
    status, lines = tagwire(
        tmp_path, name, "entities", *options, "-o", "x", bootstrap=f"127.0.0.1:{closed}"
    )

    assert status == 1
    assert len(lines) == 1
    assert "is the broker up and reachable" in lines[0]


def test_a_file_that_is_missing_or_a_topic_that_is_misspelled(tmp_path):
    status, lines = tagwire(tmp_path, "html", "entites", "-o", "x")

    assert (status, lines) == (1, ["tagwire: entites is neither a file nor the topic entities"])


def test_a_file_of_demonstrations_that_is_missing(tmp_path):
    status, lines = tagwire(tmp_path, "annotate", "import", "none.json", "-o", "x")

    assert (status, lines) == (1, ["tagwire: none.json cannot be read: No such file or directory"])


def test_documents_for_records(tmp_path):
    status, lines = tagwire(tmp_path, "html", DOCUMENTS, "-o", "x")

    assert status == 1
    assert len(lines) == 2
    assert "line 1 (and 39 more): not a record of entities: a document; `tagwire tag" in lines[0]
    assert "x: there is no record of entities" in lines[1]
    assert not (tmp_path / "x").exists()


def test_an_ensemble_file_with_an_unknown_key(tmp_path):
    (tmp_path / "e.toml").write_text(ENSEMBLE.replace("[modes]", "[modes]\nvoting = 1", 1), "utf-8")
    status, lines = tagwire(tmp_path, "tag", DOCUMENTS, ensemble="e.toml")

    assert status == 1
    assert lines == [
        "tagwire: ensemble file e.toml: modes.voting: unknown key; correct or remove it"
    ]


def test_a_label_set_that_is_not_here(tmp_path):
    status, lines = tagwire(tmp_path, "tag", "--label-set", "ships", DOCUMENTS)

    assert status == 1
    assert lines == ["tagwire: label set 'ships' is not registered; known: news"]


def test_an_ensemble_file_that_the_command_line_names(tmp_path):
    (tmp_path / "e.toml").write_text(ENSEMBLE.replace("[modes]", "[modes]\nvoting = 1", 1), "utf-8")
    status, lines = tagwire(tmp_path, "tag", "--ensemble", "e.toml", DOCUMENTS)

    assert status == 1
    assert "modes.voting: unknown key" in lines[0]


def test_a_port_that_is_taken(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        status, lines = tagwire(tmp_path, "dashboard", dashboard_port=str(port))

    assert status == 1
    assert len(lines) == 1
    assert f"port {port}, cannot be listened on (Address already in use)" in lines[0]


def test_a_value_that_no_setting_takes(tmp_path):
    status, lines = tagwire(tmp_path, "dashboard", dashboard_port="80000")

    assert status == 1
    [line] = lines
    assert line.startswith("tagwire: settings: TAGWIRE_DASHBOARD_PORT = '80000': Input should be")


def test_a_settings_file_that_is_missing(tmp_path):
    status, lines = tagwire(tmp_path, "dashboard", config="none.toml")

    expected = "tagwire: settings file none.toml: No such file or directory"
    assert (status, lines) == (1, [expected])
