"""Standard output and input that are full, closed, gone or not UTF-8."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console
from support import ROOT
from typer.testing import CliRunner

from ner_core.errors import ConfigurationError
from streams.cli.app import cli
from streams.cli.output import standard_output
from streams.client.files import read_lines

FULL = "standard output cannot be written: No space left on device"
CLOSED = "standard output cannot be written: it is closed"


def tagwire(*arguments, redirected="", **options):
    """The exit status and the lines of standard error of a command."""
    shell = ["sh", "-c", f'exec "$@" {redirected}', "sh", sys.executable, "-m", "streams.cli"]
    ended = subprocess.run(
        [*shell, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE, text=True, check=False, timeout=60, **options,
    )  # fmt: skip
    return ended.returncode, ended.stderr.splitlines()


@pytest.mark.parametrize(("redirected", "why"), [(">/dev/full", FULL), (">&-", CLOSED)])
def test_a_standard_output_that_takes_nothing_is_one_line(redirected, why):
    assert tagwire("--version", redirected=redirected) == (1, [f"tagwire: {why}"])


def test_a_reader_that_has_gone_is_no_error_to_tell(tmp_path):
    (tmp_path / "records.jsonl").touch()
    ours, theirs = os.pipe()
    os.close(ours)

    options = ("--format", "csv", "-o", "-")
    status, lines = tagwire("export", tmp_path / "records.jsonl", *options, stdout=theirs)

    os.close(theirs)
    assert (status, lines) == (1, [])


def test_what_rich_prints_on_a_full_disk_is_an_error_once(monkeypatch):
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        output = standard_output()

        with pytest.raises(ConfigurationError, match=FULL):
            Console(file=output).print("Ada " * 9_000)
        output.close()


def test_whatever_is_printed_is_utf8_wherever_it_goes(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "stdout", (tmp_path / "out").open("w", encoding="latin-1"))

    Console(file=standard_output()).print("Łódź \ud800")

    assert (tmp_path / "out").read_text("utf-8") == "Łódź \\ud800\n"


def test_a_standard_input_that_is_closed_is_an_error_that_says_so(monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)

    with pytest.raises(ConfigurationError, match="standard input cannot be read: it is closed"):
        list(read_lines("-"))


@pytest.mark.parametrize("content", ["", " \n\n"])
def test_a_file_without_documents_is_sent_without_a_broker(content):
    said = CliRunner().invoke(cli, ["send", "-"], input=content)

    assert said.exit_code == 0
    assert "nothing: standard input has no documents" in said.stderr
