"""What a replay prints: data on standard output, progress on standard error."""

import json

import pytest
from rich.console import Console

from ner_core.errors import ConfigurationError
from ner_core.types import StageCounts
from streams.cli.replay_output import Output, require_writable, write_plan
from streams.client.replay.comparison import Change, Difference, Place
from streams.client.replay.plan import Count, Plan
from streams.client.replay.ranges import Range
from streams.client.replay.replay import Outcome
from streams.client.replay.report import Report
from streams.terminal import Progress
from streams.wire.messages import Message

COUNTS = {0: Count(2, 1), 1: Count()}
PLAN = Plan(
    {0: Range(5, 8), 1: Range(0, 0)}, partitions=2, resumes=False, counts=COUNTS, keys={b"a"}
)
CHANGES = (
    Change(Place("text", 0, 3), "Ada", "person", ""),
    Change(Place("text", 9, 13), "Oslo\x1b", "person", "location"),
    Change(Place("title", 0, 5), "Varna", "", "location"),
)


def message(offset, name=b"a"):
    return Message("documents", 0, offset, 0, name, b"{}")


def outcome(offset, fate="tagged", **more):
    return Outcome(fate, message(offset), **more)


@pytest.fixture
def shown():
    """Makes an output; the text of its progress is in ``file``."""

    def make(**options):
        progress = Progress(Console(stderr=True, highlight=False, width=200))
        return Output(
            progress, Report("v2", "v2.dead"), **{"diff": True, "as_json": False} | options
        )

    return make


def replayed(output, html=None):
    output.begin(PLAN, "tagwire.replay.x")
    changed = Difference("a", "Two\nlines", CHANGES)
    counts = StageCounts(requests=5, cache_hits=3)
    output.take(outcome(5, verdict="changed", difference=changed, counts=counts))
    output.take(outcome(6, "failed", reason="too_long: 9 characters"))
    output.take(outcome(7, "deleted"))
    output.write_report(html)


def test_the_diff_and_the_report_are_on_standard_output(shown, capfd):
    replayed(shown())

    out, err = capfd.readouterr()
    assert out.splitlines() == [
        "a  Two lines",
        "  - person  Ada  (text 0-3)",
        "  ~ person → location  Oslo␛  (text 9-13)",
        "  + location  Varna  (title 0-5)",
        "  written      1 documents, 1 deletions to v2",
        "  compared     0 unchanged, 1 changed, 0 new, 0 of another version",
        "  not written  0 superseded, 0 left out",
        "  failed       1 (too_long 1), see v2.dead",
        "  questions    2 asked, 3 answered from the store",
        "  seconds      0.0",
    ]
    assert "2 documents, 1 deletions; group tagwire.replay.x" in err
    assert "a: too_long: 9 characters" in err


def test_json_is_one_line_for_each_changed_document_and_one_for_the_report(shown, capfd):
    replayed(shown(as_json=True))

    changes, report = map(json.loads, capfd.readouterr().out.splitlines())
    assert [(c["kind"], c["before"], c["after"]) for c in changes["changes"]] == [
        ("removed", "person", None),
        ("retyped", "person", "location"),
        ("added", None, "location"),
    ]
    assert report["report"]["failed"] == 1
    assert report["report"]["reasons"] == {"too_long": 1}


def test_without_diff_changes_are_only_counted(shown, capfd, tmp_path):
    replayed(shown(diff=False), tmp_path / "page.html")

    assert capfd.readouterr().out.splitlines()[0].startswith("  written ")
    assert "Varna" in (tmp_path / "page.html").read_text()


def test_the_first_wait_for_live_traffic_is_a_line(shown, capfd):
    output = shown()
    output.begin(PLAN, "g")
    for why in ("the live lag is 9", "", "the live lag is 10"):
        output.gate_told(why)

    err = capfd.readouterr().err
    assert err.count("live documents go first") == 1
    assert "the live lag is 9" in err


def test_only_a_replay_that_has_begun_goes_on_later(shown, capfd):
    output = shown()
    output.begin(PLAN, "g")
    output.interrupted()
    assert "resumes here" not in capfd.readouterr().err

    output.take(outcome(5))
    output.interrupted()

    assert "the same command resumes here" in capfd.readouterr().err


def test_what_was_lost_is_in_the_report_and_makes_it_fail():
    report = Report("v2", "v2.dead")
    assert not report.failed
    report.lost = 3

    assert report.failed
    assert report.rows()["lost"].startswith("3 documents")


def test_a_dry_run_has_a_line_for_each_partition(capfd):
    write_plan(PLAN, as_json=False)

    assert capfd.readouterr().out.splitlines() == [
        "partition 0  from 5  to 8  documents 2  deletions 1  left_out 0",
        "partition 1  from 0  to 0  documents 0  deletions 0  left_out 0",
    ]


def test_a_page_that_cannot_be_written_is_refused_before_the_replay(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be written"):
        require_writable(tmp_path / "no such folder" / "page.html")


@pytest.mark.parametrize("as_json", [True, False])
def test_the_report_is_shown_even_if_a_full_disk_takes_no_page(shown, capfd, tmp_path, as_json):
    (page := tmp_path / "page.html").symlink_to("/dev/full")

    with pytest.raises(ConfigurationError, match=r"page.html cannot be written: No space left"):
        replayed(shown(as_json=as_json), page)

    assert "see v2.dead" in (out := capfd.readouterr().out) or json.loads(out.splitlines()[-1])
