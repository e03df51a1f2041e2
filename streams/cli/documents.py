"""The commands ``send``, ``tail`` and ``tag``."""

from typing import Annotated

import typer

from streams.cli.dispatch import EXIT_FAILED, run
from streams.cli.options import Source

commands = typer.Typer()


@commands.command()
def send(source: Source) -> None:
    """Send documents to the topic `documents`.

    The file holds JSON lines, plain or gzip.

    Example: tagwire send examples/feed.jsonl
    """
    run(lambda: _send(source))


async def _send(source: str) -> int:
    from streams.client.files import Line, read_lines
    from streams.client.send import send
    from streams.settings import load_settings
    from streams.terminal import Progress, clean

    entries = list(read_lines(source))
    lines = [entry for entry in entries if isinstance(entry, Line)]
    refused = [entry for entry in entries if not isinstance(entry, Line)]
    settings = load_settings()
    with Progress() as progress:
        done = 0
        async for _ in send(settings, lines):
            done += 1
            progress.update("sending", done, len(lines))
        for number, error in refused:
            progress.log("refused", f"line {number}: {clean(str(error))}")
        progress.log("sent", f"{len(lines)} documents to {settings.documents_topic}")
    return EXIT_FAILED if refused else 0


@commands.command()
def tail(
    json: Annotated[bool, typer.Option("--json", help="the records as they are")] = False,
    from_beginning: Annotated[bool, typer.Option("--from-beginning")] = False,
) -> None:
    """Show entities as they arrive.

    Example: tagwire tail --from-beginning
    """
    run(lambda: _tail(json, from_beginning))


async def _tail(as_json: bool, from_beginning: bool) -> None:
    import sys

    from rich.console import Console

    from streams.client.tail import arrivals
    from streams.settings import load_settings
    from streams.terminal import clean, highlighted, listed

    settings = load_settings()
    console = Console(highlight=False)
    topic = settings.entities_topic
    async for arrival in arrivals(settings, topic=topic, from_beginning=from_beginning):
        if as_json:
            sys.stdout.buffer.write((arrival.value or b"null") + b"\n")
            sys.stdout.flush()
            continue
        record = arrival.record
        if record is None:
            console.print(f"{clean(arrival.id)}  deleted", markup=False)
        else:
            console.print(clean(record.document_id), style="bold", markup=False)
            console.print(highlighted(record.title or "", record.entities, "title"))
            console.print(listed(record.entities))


@commands.command()
def tag(
    source: Source, limit: Annotated[int | None, typer.Option(min=1, help="documents")] = None
) -> None:
    """Tag a file without Kafka.

    Text or JSON lines in, JSON lines out. Engines that are not running are started for it.

    Example: tagwire tag article.txt
    """
    run(lambda: _tag(source, limit))


async def _tag(source: str, limit: int | None) -> int:
    import sys
    import time

    from streams.client.files import Line, read_documents
    from streams.client.offline import fill_pool, tag_lines
    from streams.local.stack import engines_there
    from streams.pipeline_factory import connect
    from streams.settings import load_settings
    from streams.terminal import Progress, clean

    settings = load_settings()
    entries = list(read_documents(source))[:limit]
    lines = [entry for entry in entries if isinstance(entry, Line)]
    refused = [entry for entry in entries if not isinstance(entry, Line)]
    done = sentences = 0
    with Progress() as progress:
        async with (
            engines_there(settings, progress),
            connect(settings, wait=False) as adapters,
        ):
            await fill_pool(adapters.pipeline, settings)
            began = time.monotonic()
            async for item in tag_lines(adapters.pipeline, settings, source, lines):
                done += 1
                if isinstance(item[0], Line):
                    sys.stdout.buffer.write(item[1] + b"\n")
                    sentences += item[2]
                else:
                    refused.append(item)
                seconds = time.monotonic() - began
                left = f"{seconds / done * (len(lines) - done):.0f} s left"
                progress.update("tagging", done, len(lines), f"{_pace(seconds, sentences)}, {left}")
            seconds = time.monotonic() - began
        sys.stdout.flush()
        for number, error in refused:
            progress.log("refused", f"line {number}: {clean(str(error))}")
        progress.log("tagged", f"{_pace(seconds, sentences)}, {sentences} in all")
    return EXIT_FAILED if refused else 0


def _pace(seconds: float, sentences: int) -> str:
    """Return seconds per sentence on this machine, without the start of its engines."""
    return f"{seconds / max(1, sentences):.1f} s per sentence"
