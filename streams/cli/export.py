"""The commands ``html`` and ``export``."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streams.cli.dispatch import EXIT_FAILED, run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streams.client.records import Misfit, Newest
    from streams.client.tagged import Period
    from streams.export.exported import Exported
    from streams.export.tagged import Tagged
    from streams.terminal import Progress

commands = typer.Typer()
_TIMES = ("%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S")

Records = Annotated[
    str,
    typer.Argument(
        metavar="RECORDS|TOPIC",
        help="a file as `tag` and `tail --json` write it, - for standard input, or the topic",
    ),
]
Documents = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|TOPIC", help="the documents; of records from the topic, those of its topic"
    ),
]
Since = Annotated[
    datetime | None, typer.Option(formats=list(_TIMES), help="documents sent from then on, UTC")
]
Until = Annotated[
    datetime | None, typer.Option(formats=list(_TIMES), help="documents sent before, UTC")
]
Output = Annotated[
    Path, typer.Option("-o", "--output", help="file to write, or - for standard output")
]
STDOUT = Path("-")


@dataclass(frozen=True, slots=True)
class Reading:
    """What to read: records, their documents, and from when."""

    records: str
    documents: str | None
    since: datetime | None
    until: datetime | None

    @property
    def period(self) -> "Period | None":
        """The period, if one is stated."""
        from streams.client.tagged import Period

        if self.since is None and self.until is None:
            return None
        if self.since and self.until and self.since >= self.until:
            msg = f"{self.until} is not after {self.since}, so no document is between them"
            raise typer.BadParameter(msg, param_hint="--until")
        since, until = self.since or datetime.min, self.until or datetime.max  # noqa: DTZ901 # made UTC below
        return Period(*(1000 * time.replace(tzinfo=UTC).timestamp() for time in (since, until)))


class Format(StrEnum):
    """What ``tagwire export`` writes."""

    JSONL = "jsonl"
    CSV = "csv"
    CONLL = "conll"
    SPACY = "spacy"
    LABEL_STUDIO = "label-studio"
    NINJS = "ninjs"
    HTML = "html"


@commands.command()
def html(
    records: Records,
    output: Output,
    documents: Documents = None,
    since: Since = None,
    until: Until = None,
) -> None:
    """Write a page that shows documents with their entities: one file, for any browser.

    Example: tagwire html entities.jsonl --documents feed.jsonl -o page.html
    """
    run(lambda: _html(Reading(records, documents, since, until), output))


async def _html(reading: Reading, output: Path) -> int:
    from streams.export.exported import Exported
    from streams.export.page import page

    def shown(tagged: "Sequence[Tagged]") -> Exported:
        return Exported(page(tagged, title=reading.records))

    return await written(reading, output, shown)


@commands.command()
def export(  # noqa: PLR0913, PLR0917 # what the command line takes
    records: Records,
    output: Output,
    form: Annotated[Format, typer.Option("--format", help="of the file")],
    documents: Documents = None,
    since: Since = None,
    until: Until = None,
    utf16: Annotated[
        bool, typer.Option("--utf16", help="offsets in UTF-16 code units: jsonl and csv")
    ] = False,
) -> None:
    """Write the newest record of each document in a format of other programs.

    What a format cannot hold is counted on standard error. The exit status is 1 if a document
    is left out, or something is neither a record nor a document.

    Example: tagwire export entities.jsonl --documents feed.jsonl --format conll -o feed.conll
    """
    if utf16 and form not in {Format.JSONL, Format.CSV}:
        msg = f"{form.value} has offsets of its own, or none"
        raise typer.BadParameter(msg, param_hint="--utf16")
    run(lambda: _export(Reading(records, documents, since, until), output, form, utf16))


async def _export(reading: Reading, output: Path, form: Format, utf16: bool) -> int:
    from streams.export.formats import FORMATS
    from streams.export.utf16 import in_utf16

    exporter = FORMATS[form.value]
    return await written(reading, output, in_utf16(exporter) if utf16 else exporter)


async def written(
    reading: Reading,
    output: Path,
    export: "Callable[[Sequence[Tagged]], Exported]",
) -> int:
    """Write what ``export`` makes of the records, and log what is left out; returns the status."""
    from streams.export.exported import WITHOUT_TEXT
    from streams.terminal import Progress

    require_another(output, reading.records, reading.documents)
    with Progress() as progress:
        tagged, misfits = await _read(reading, progress)
        if misfits and not tagged:
            progress.log("not written", f"{output}: there is no record of entities")
            return EXIT_FAILED
        exported = export(tagged)
        write(output, exported.content)
        for what, number in sorted((+exported.left_out).items()):
            progress.log("left out", f"{number} {what}")
        entities = sum(len(one.record.entities) for one in tagged)
        progress.log("written", f"{output}: {len(tagged)} documents, {entities} entities")
    return EXIT_FAILED if misfits or exported.left_out[WITHOUT_TEXT] else 0


async def _read(reading: Reading, progress: "Progress") -> "tuple[list[Tagged], list[Misfit]]":
    """Return the records with their texts; logs what is left out, and what lacks its text."""
    from streams.client.tagged import tagged_documents
    from streams.settings import load_settings

    tagged, newest, others = await tagged_documents(
        load_settings(), reading.records, reading.documents, reading.period
    )
    misfits = [*newest.misfits, *others]
    _log_left_out(progress, newest, misfits)
    _log_missing(progress, tagged, reading.documents)
    return tagged, misfits


def _log_left_out(progress: "Progress", newest: "Newest", misfits: "Sequence[Misfit]") -> None:
    from streams.terminal import clean
    from streams.wire.bounded import bounded

    places: dict[str, list[str]] = {}
    for where, error in misfits:
        places.setdefault(str(error), []).append(where)
    for why, (first, *others) in places.items():
        more = f" (and {len(others)} more)" if others else ""
        progress.log("refused", clean(f"{first}{more}: {bounded(why)}"))
    if newest.older or newest.deleted:
        detail = f"{newest.older} older versions, {newest.deleted} deleted documents"
        progress.log("left out", detail)
    if newest.outside:
        progress.log("left out", f"{newest.outside} documents of other times")


def _log_missing(progress: "Progress", tagged: "Sequence[Tagged]", documents: str | None) -> None:
    from collections import Counter

    from streams.terminal import clean

    missing = [one for one in tagged if one.text is None]
    for reason, number in Counter(one.missing for one in missing).items():
        hint = ""
        if documents is None and (topic := missing[0].record.origin.topic):
            hint = f"; name their file or topic: --documents {clean(topic)}"
        progress.log("without text", f"{number} of {len(tagged)}: {reason}{hint}")


def require_another(output: Path, *sources: str | None) -> None:
    """Check that a file to write is none of those that are read.

    Raises:
        ConfigurationError: it is one.
    """
    from ner_core.errors import ConfigurationError

    if output != STDOUT and any(source and _is_file(source, output) for source in sources):
        msg = f"{output} is read, so it would be lost; name another file to write"
        raise ConfigurationError(msg)


def _is_file(source: str, output: Path) -> bool:
    """Whether a source is the file; what may not be looked at is not read either."""
    try:
        return output.is_file() and Path(source).is_file() and output.samefile(source)
    except PermissionError:
        return False


def write(output: Path, content: bytes) -> None:
    """Write a file, or standard output.

    Raises:
        ConfigurationError: it cannot be written.
    """
    from streams.host.folders import writing
    from streams.terminal import write_bytes

    if output == STDOUT:
        write_bytes(content)
        return
    with writing(output):
        output.write_bytes(content)
