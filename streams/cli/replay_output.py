"""What ``tagwire replay`` prints: progress on standard error, results on standard output."""

import time
from pathlib import Path
from typing import Any

from streams.client.replay.comparison import Difference
from streams.client.replay.page import render
from streams.client.replay.plan import Plan
from streams.client.replay.replay import Outcome
from streams.client.replay.report import Report
from streams.host.folders import writing
from streams.terminal import Progress, clean, table, write_data, write_text
from streams.wire.codec import encode

_SIGNS = {"added": "+", "removed": "-", "retyped": "~"}
_BAR = "replaying"


class Output:
    """Shows a replay while it runs, and its report."""

    def __init__(self, progress: Progress, report: Report, *, diff: bool, as_json: bool) -> None:
        self.report = report
        self._progress = progress
        self._diff = diff
        self._as_json = as_json
        self._total = self._done = 0
        self._resumes = False
        self._next: dict[int, int] = {}
        self._began = time.monotonic()
        self._waits_for = ""
        self._has_waited = False

    def begin(self, plan: Plan, group: str) -> None:
        """Show what is to be done."""
        self._total, self._done = plan.size, 0
        self._resumes = plan.resumes
        self._began = time.monotonic()
        self._next = {partition: range_.start for partition, range_ in plan.ranges.items()}
        counts = plan.counts.values()
        documents, deletions = (
            sum(getattr(c, n) for c in counts) for n in ("documents", "deletions")
        )
        goes_on = ", resumes where it was interrupted" if plan.resumes else ""
        detail = f"{documents} documents, {deletions} deletions; group {group}{goes_on}"
        self._progress.log("to replay", clean(detail))

    def take(self, outcome: Outcome) -> None:
        """Count an outcome and show what is to be shown of it."""
        message = outcome.message
        self.report.add(outcome)
        self._done += message.offset + 1 - self._next[message.partition]
        self._next[message.partition] = message.offset + 1
        self._move()
        if outcome.fate == "failed":
            name = (message.key or b"").decode("utf-8", "backslashreplace")
            self._progress.log("failed", clean(f"{name}: {outcome.reason}".replace("\n", " ")))
        if self._diff and outcome.difference is not None:
            self._write(outcome.difference)

    def gate_told(self, why: str) -> None:
        """Show why the replay waits for the live traffic; the first time as a line that stays."""
        if why and not self._has_waited:
            self._progress.log("waiting", f"live documents go first: {why}")
        self._has_waited |= bool(why)
        self._waits_for = why
        self._move()

    def interrupted(self) -> None:
        """Show that the rest can be done later, if some is done."""
        if self._done or self._resumes:
            self._progress.log("interrupted", "the same command resumes here")

    def write_report(self, html: Path | None) -> None:
        """Write the page if one is wanted, and the figures even if it cannot be written.

        Raises:
            ConfigurationError: one of them cannot.
        """
        rows = self.report.rows()
        try:
            if html is not None:
                page = render(self.report.topic, rows, self.report.differences)
                with writing(html):
                    html.write_text(page, "utf-8")
        finally:
            if self._as_json:
                write_data(encode({"report": self.report.data()}))
            else:
                write_text(table(rows).plain)

    def _move(self) -> None:
        seconds = time.monotonic() - self._began
        left = seconds / self._done * (self._total - self._done) if self._done else None
        notes = [] if left is None else [f"{left:.0f} s left"]
        if self._waits_for:
            notes.append(f"waiting: {self._waits_for}")
        # The bar ends with the replay: gaps in the offsets may be behind the last record.
        done = min(self._done, max(0, self._total - 1))
        self._progress.update(_BAR, done, self._total, ", ".join(notes))

    def _write(self, difference: Difference) -> None:
        if self._as_json:
            write_data(encode(_data(difference)))
            return
        write_text(f"{difference.document_id}  {difference.title}".rstrip().replace("\n", " "))
        for change in difference.changes:
            types = " → ".join(t for t in (change.before, change.after) if t)
            place = f"{change.place.field} {change.place.start}-{change.place.end}"
            text = change.text.replace("\n", " ")
            write_text(f"  {_SIGNS[change.kind]} {types}  {text}  ({place})")


def write_plan(plan: Plan, *, as_json: bool) -> None:
    """Write what would be replayed, by partition."""
    if plan.resumes and not as_json:
        write_text("what is left of a replay that was interrupted:")
    for partition, range_ in sorted(plan.ranges.items()):
        count = plan.counts[partition]
        row = {
            "partition": partition,
            "from": range_.start,
            "to": range_.end,
            "documents": count.documents,
            "deletions": count.deletions,
            "left_out": count.left_out,
        }
        if as_json:
            write_data(encode({**row, "resumes": plan.resumes}))
        else:
            write_text("  ".join(f"{name} {value}" for name, value in row.items()))


def require_writable(path: Path) -> None:
    """Check early that a file can be written.

    Raises:
        ConfigurationError: it cannot.
    """
    with writing(path):
        path.touch()


def _data(difference: Difference) -> dict[str, Any]:
    return {
        "document_id": difference.document_id,
        "changes": [
            {
                "kind": change.kind,
                **change.place._asdict(),
                "text": change.text,
                "before": change.before or None,
                "after": change.after or None,
            }
            for change in difference.changes
        ],
    }
