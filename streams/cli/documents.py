"""The commands ``send``, ``tail`` and ``tag``."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from streams.cli.dispatch import EXIT_FAILED, run
from streams.cli.options import EnsembleFile, Source, settings_for

if TYPE_CHECKING:
    from pathlib import Path

    from ner_core.pipeline import Pipeline
    from streams.client.files import Entry, Refused
    from streams.client.tail import Arrival
    from streams.settings import Settings
    from streams.terminal import Progress
    from streams.wire.letters import Letter

commands = typer.Typer()


class InputFormat(StrEnum):
    """What ``tagwire send`` reads."""

    JSONL = "jsonl"
    NINJS = "ninjs"


@commands.command()
def send(
    sources: Annotated[
        list[str], typer.Argument(metavar="SOURCE...", help="paths, or - for standard input")
    ],
    delete: Annotated[
        bool, typer.Option("--delete", help="the arguments are ids: delete these documents")
    ] = False,
    form: Annotated[InputFormat, typer.Option("--format", help="of the files")] = InputFormat.JSONL,
) -> None:
    """Send documents to the topic `documents`, or delete some.

    The files hold JSON lines, plain or gzip, or items of ninjs 3 (IPTC): canceled ones are
    deleted, withheld and embargoed ones are sent like any other. What a worker could not read
    is refused.

    Example: tagwire send examples/feed.jsonl; tagwire send --delete tw-001 tw-002
    """
    run(lambda: _delete(sources) if delete else _send_all(sources, form))


async def _delete(ids: "Sequence[str]") -> None:
    from streams.client.send import delete
    from streams.settings import load_settings
    from streams.terminal import Progress

    settings = load_settings()
    with Progress() as progress:
        await delete(settings, ids)
        progress.log("sent", f"{len(ids)} deletions to {settings.documents_topic}")


async def _send_all(sources: "Sequence[str]", form: InputFormat) -> int:
    return max([await _send(source, form) for source in sources])


async def _send(source: str, form: InputFormat) -> int:
    from contextlib import aclosing

    from streams.client.content import named
    from streams.client.files import read_lines
    from streams.client.ninjs import read_items
    from streams.client.send import send
    from streams.settings import load_settings
    from streams.terminal import Progress, clean

    entries = list(read_items(source) if form is InputFormat.NINJS else read_lines(source))
    lines = [entry for entry in entries if not isinstance(entry, tuple)]
    refused = [entry for entry in entries if isinstance(entry, tuple)]
    settings, sent = load_settings(), 0
    with Progress() as progress:
        if not entries:
            progress.log("sent", f"nothing: {clean(named(source))} has no documents")
            return 0
        try:
            async with aclosing(send(settings, lines)) as entries_sent:
                async for entry in entries_sent:
                    if isinstance(entry, tuple):
                        refused.append(entry)
                    else:
                        sent += 1
                    progress.update("sending", sent + len(refused), len(entries))
        finally:
            _log_refused(progress, source, refused)
            topic = settings.documents_topic
            progress.log("sent", f"{sent} of {len(entries)} documents to {topic}")
    return EXIT_FAILED if refused else 0


@commands.command()
def tail(
    json: Annotated[bool, typer.Option("--json", help="only entities, as they are")] = False,
    from_beginning: Annotated[bool, typer.Option("--from-beginning")] = False,
) -> None:
    """Show entities as they arrive, and documents that die.

    Example: tagwire tail --from-beginning
    """
    run(lambda: _tail(json, from_beginning))


async def _tail(as_json: bool, from_beginning: bool) -> None:
    from contextlib import aclosing

    from streams.client.tail import arrivals
    from streams.settings import load_settings

    settings = load_settings()
    names = [settings.entities_topic, *([] if as_json else [settings.dead_topic])]
    records = arrivals(settings, *names, from_beginning=from_beginning)
    async with aclosing(records):
        async for arrival in records:
            if as_json:
                _write(arrival)
            elif arrival.topic == settings.dead_topic:
                _print_letter(arrival.letter)
            else:
                _print(arrival)


def _write(arrival: "Arrival") -> None:
    """Write a record as it is; a deletion, which has no value, as a line of its own."""
    from streams.terminal import write_data
    from streams.wire.codec import encode

    deletion = {"document_id": arrival.id, "deleted": True}
    write_data(encode(deletion) if arrival.value is None else arrival.value)


def _print_letter(letter: "Letter") -> None:
    from rich.console import Console

    from streams.terminal import clean

    if not letter.is_tombstone:
        line = clean(f"dead letter  {letter.summary}")
        Console(highlight=False).print(line, style="red", markup=False, soft_wrap=True)


def _print(arrival: "Arrival") -> None:
    from rich.console import Console

    from streams.terminal import clean, highlighted, listed

    console = Console(highlight=False)
    try:
        record = arrival.record
    except ValueError as exc:
        console.print(clean(f"{arrival.id}  not a record of entities: {exc}"), markup=False)
        return
    if record is None:
        console.print(f"{clean(arrival.id)}  deleted", markup=False)
        return
    console.print(clean(record.document_id), style="bold", markup=False)
    console.print(highlighted(record.title or "", record.entities, "title"))
    console.print(listed(record))


@commands.command()
def tag(
    source: Source,
    limit: Annotated[int | None, typer.Option(min=1, help="documents")] = None,
    label_set: Annotated[
        str | None, typer.Option(help="id, for documents that state none (default: news)")
    ] = None,
    ensemble: EnsembleFile = None,
) -> None:
    """Tag a file without Kafka.

    Text or JSON lines in, JSON lines out. Engines that are not running are started for it.

    Example: tagwire tag --label-set news article.txt
    """
    run(lambda: _tag(source, limit, label_set, ensemble))


async def _tag(
    source: str, limit: int | None, label_set: str | None, ensemble: "Path | None"
) -> int:
    from streams.client.content import named
    from streams.client.files import Line, read_documents
    from streams.client.offline import fill_pool
    from streams.local.engines import engines_there
    from streams.pipeline_factory import connect
    from streams.terminal import Progress, clean

    settings = settings_for(ensemble)
    entries = list(read_documents(source))[:limit]
    if label_set is not None:
        entries = _in_label_set(entries, label_set, settings)
    with Progress() as progress:
        if not any(isinstance(entry, Line) for entry in entries):
            if not entries:
                progress.log("tagged", f"nothing: {clean(named(source))} has no documents")
            _log_refused(progress, source, [e for e in entries if not isinstance(e, Line)])
            return EXIT_FAILED if entries else 0
        async with (
            engines_there(settings, progress),
            connect(settings, wait=False) as adapters,
        ):
            await fill_pool(adapters.pipeline, settings)
            refused = await _tag_entries(adapters.pipeline, settings, source, entries, progress)
        _log_refused(progress, source, refused)
    return EXIT_FAILED if refused else 0


def _in_label_set(
    entries: "Sequence[Entry]", label_set: str, settings: "Settings"
) -> "list[Entry]":
    """Return the entries, the documents for this label set unless they state one themselves.

    Raises:
        UnknownLabelSetError: there is no such label set here.
    """
    from ner_core.errors import UnknownLabelSetError
    from ner_core.labels import LiveLabelSets
    from streams.client.files import Line

    if label_set not in (known := LiveLabelSets(settings.label_sets)):
        raise UnknownLabelSetError(label_set, known=tuple(known))
    return [replace(e, label_set=label_set) if isinstance(e, Line) else e for e in entries]


async def _tag_entries(
    pipeline: "Pipeline",
    settings: "Settings",
    source: str,
    entries: "Sequence[Entry]",
    progress: "Progress",
) -> "list[Refused]":
    """Write a record for every document; returns the lines that cannot be tagged, and why."""
    import time
    from contextlib import aclosing

    from streams.client.files import Line
    from streams.client.offline import tag_lines
    from streams.client.patience import Patience
    from streams.terminal import write_data

    lines = [entry for entry in entries if isinstance(entry, Line)]
    refused = [entry for entry in entries if not isinstance(entry, Line)]
    sentences, began = 0, time.monotonic()
    patience = Patience(settings.retry_first_s, settings.retry_cap_s)
    async with aclosing(tag_lines(pipeline, settings, source, lines, patience)) as outcomes:
        done = 0
        async for outcome in outcomes:
            done += 1
            if isinstance(outcome[0], Line):
                write_data(outcome[1])
                sentences += outcome[2]
            else:
                refused.append(outcome)
            seconds = time.monotonic() - began
            left = f"{seconds / done * (len(lines) - done):.0f} s left"
            progress.update("tagging", done, len(lines), f"{_pace(seconds, sentences)}, {left}")
    pace = _pace(time.monotonic() - began, sentences)
    progress.log("tagged", f"{pace}, {sentences} in all")
    return refused


def _pace(seconds: float, sentences: int) -> str:
    """Return seconds per sentence on this machine, without the start of its engines."""
    return f"{seconds / max(1, sentences):.1f} s per sentence"


def _log_refused(progress: "Progress", source: str, refused: "Sequence[Refused]") -> None:
    from streams.client.content import named
    from streams.terminal import clean
    from streams.wire.bounded import bounded

    for number, error in sorted(refused, key=lambda line: line[0]):
        why = clean(bounded(str(error)))
        progress.log("refused", f"{clean(named(source))}, line {number}: {why}")
