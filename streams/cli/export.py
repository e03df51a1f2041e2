"""The commands ``html`` and ``export``."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streams.cli.dispatch import EXIT_FAILED, run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streams.client.records import Misfit, Newest
    from streams.export.exported import Exported
    from streams.export.tagged import Tagged
    from streams.terminal import Progress

commands = typer.Typer()

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
Output = Annotated[Path, typer.Option("-o", "--output", help="file to write")]


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
def html(records: Records, output: Output, documents: Documents = None) -> None:
    """Write a page that shows documents with their entities: one file, for any browser.

    Example: tagwire html entities.jsonl --documents feed.jsonl -o page.html
    """
    run(lambda: _html(records, documents, output))


async def _html(source: str, documents: str | None, output: Path) -> int:
    from streams.export.exported import Exported
    from streams.export.page import page

    def shown(tagged: "Sequence[Tagged]") -> Exported:
        return Exported(page(tagged, title=source))

    return await written(source, documents, output, shown)


@commands.command()
def export(
    records: Records,
    output: Output,
    form: Annotated[Format, typer.Option("--format", help="of the file")],
    documents: Documents = None,
) -> None:
    """Write the newest record of each document in a format of other programs.

    What a format cannot hold is counted on standard error. The exit status is 1 if a document
    is left out, or something is no record or no document.

    Example: tagwire export entities.jsonl --documents feed.jsonl --format conll -o feed.conll
    """
    run(lambda: _export(records, documents, output, form))


async def _export(source: str, documents: str | None, output: Path, form: Format) -> int:
    from streams.export.formats import FORMATS

    return await written(source, documents, output, FORMATS[form.value])


async def written(
    source: str,
    documents: str | None,
    output: Path,
    export: "Callable[[Sequence[Tagged]], Exported]",
) -> int:
    """Write what ``export`` makes of the records, and log what is left out; returns the status."""
    from streams.export.exported import WITHOUT_TEXT
    from streams.terminal import Progress

    with Progress() as progress:
        tagged, misfits = await _read(source, documents, progress)
        exported = export(tagged)
        write(output, exported.content)
        for what, number in sorted((+exported.left_out).items()):
            progress.log("left out", f"{number} {what}")
        entities = sum(len(one.record.entities) for one in tagged)
        progress.log("written", f"{output}: {len(tagged)} documents, {entities} entities")
    return EXIT_FAILED if misfits or exported.left_out[WITHOUT_TEXT] else 0


async def _read(
    source: str, documents: str | None, progress: "Progress"
) -> "tuple[list[Tagged], list[Misfit]]":
    """Return the records with their texts; logs what is left out, and what lacks its text."""
    from streams.client.tagged import tagged_documents
    from streams.settings import load_settings

    tagged, newest, others = await tagged_documents(load_settings(), source, documents)
    misfits = [*newest.misfits, *others]
    _log_left_out(progress, newest, misfits)
    _log_missing(progress, tagged, documents)
    return tagged, misfits


def _log_left_out(progress: "Progress", newest: "Newest", misfits: "Sequence[Misfit]") -> None:
    from streams.terminal import clean

    for where, error in misfits:
        progress.log("refused", clean(f"{where}: {error}"))
    if newest.older or newest.deleted:
        detail = f"{newest.older} older versions, {newest.deleted} deleted documents"
        progress.log("left out", detail)


def _log_missing(progress: "Progress", tagged: "Sequence[Tagged]", documents: str | None) -> None:
    from collections import Counter

    from streams.terminal import clean

    missing = [one for one in tagged if one.text is None]
    for reason, number in Counter(one.missing for one in missing).items():
        hint = ""
        if documents is None and (topic := missing[0].record.origin.topic):
            hint = f"; name their file or topic: --documents {clean(topic)}"
        progress.log("without text", f"{number} of {len(tagged)}: {reason}{hint}")


def write(output: Path, content: bytes) -> None:
    """Write a file.

    Raises:
        ConfigurationError: it cannot be written.
    """
    from ner_core.errors import ConfigurationError

    try:
        output.write_bytes(content)
    except OSError as exc:
        msg = f"{output} cannot be written: {exc.strerror}"
        raise ConfigurationError(msg) from exc
