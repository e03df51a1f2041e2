"""Logs as JSON: one object a line, whoever logs, with the document and its trace."""

import json
import subprocess
import sys

import pytest

PROGRAM = """
import logging, warnings, structlog
from structlog.contextvars import bound_contextvars
from streams.cli.logs import log_json, set_up_logging

set_up_logging(service=True)
log_json()
log = structlog.get_logger()
with bound_contextvars(document_id="afp-1", trace_id="0af7"):
    log.warning("engine did not answer", attempt=2, where=("documents", 0), id="\\ud800")
    logging.getLogger("aiokafka.consumer").error("no broker at %s", "a:1")
    secret = "the text" + " of a document"
    try:
        raise ValueError("no")
    except ValueError:
        log.exception("the agent failed")
        logging.getLogger("mode").exception("a library failed")
log.info("started")
"""


@pytest.fixture(scope="module")
def logged():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    return done.stderr


def test_every_line_is_an_object_with_its_level_time_and_event(logged):
    lines = [json.loads(line) for line in logged.splitlines()]

    assert [(line["level"], line["event"]) for line in lines] == [
        ("warning", "engine did not answer"),
        ("error", "no broker at a:1"),
        ("error", "the agent failed"),
        ("error", "a library failed"),
        ("info", "started"),
    ]
    assert all(line["timestamp"].endswith("Z") for line in lines)


def test_lines_about_a_document_name_it_and_its_trace_whoever_logs(logged):
    *about, started = [json.loads(line) for line in logged.splitlines()]

    assert {(line["document_id"], line["trace_id"]) for line in about} == {("afp-1", "0af7")}
    assert "document_id" not in started


def test_fields_stay_fields_and_a_library_s_line_names_the_library(logged):
    ours, theirs, *_ = [json.loads(line) for line in logged.splitlines()]

    assert (ours["attempt"], ours["where"]) == (2, ["documents", 0])
    assert ours["id"] == "\ud800"
    assert theirs["logger"] == "aiokafka.consumer"


def test_tracebacks_are_in_their_line_and_show_no_local_variables(logged):
    failed = [json.loads(line) for line in logged.splitlines()][2:4]

    for line in failed:
        assert line["exception"].endswith("ValueError: no")
    assert "the text of a document" not in logged
