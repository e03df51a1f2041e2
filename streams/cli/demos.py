"""The commands ``demos add``, ``remove``, ``list`` and ``check``."""

from typing import TYPE_CHECKING, Annotated

import typer

from streams.cli.dispatch import EXIT_FAILED, run
from streams.cli.options import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ner_core.pool.checks import Finding
    from ner_core.types import Demonstration
    from streams.settings import Settings

commands = typer.Typer(help="The pool of demonstrations.")


@commands.callback(no_args_is_help=True)
def _demonstrations() -> None:
    """The pool of demonstrations."""


@commands.command("load", hidden=True)  # its former name
@commands.command()
def add(
    source: Source,
    if_empty: Annotated[
        bool, typer.Option("--if-empty", help="only if the topic has no records yet")
    ] = False,
) -> None:
    """Send demonstrations (JSON lines) to the topic `demonstrations`.

    Workers use them within seconds; one of the same id is replaced. If a line is wrong, none is
    sent.

    Example: tagwire demos add examples/demonstrations.jsonl
    """
    run(lambda: _add(source, if_empty=if_empty))


async def _add(source: str, *, if_empty: bool) -> None:
    from streams.client.demonstrations_topic import is_empty
    from streams.client.send import load_demonstrations
    from streams.settings import load_settings
    from streams.terminal import Progress

    settings = load_settings()
    topic = settings.demonstrations_topic
    with Progress() as progress:
        if if_empty and not await is_empty(settings):
            progress.log("added", f"none: {topic} has records")
            return
        number = await load_demonstrations(settings, source)
        progress.log("added", f"{number} demonstrations to {topic}")


@commands.command()
def remove(ids: Annotated[list[str], typer.Argument(metavar="ID...")]) -> None:
    """Remove demonstrations from the topic `demonstrations`.

    Example: tagwire demos remove own-1 own-2
    """
    run(lambda: _remove(ids))


async def _remove(ids: "Sequence[str]") -> None:
    from streams.client.demonstrations_topic import remove
    from streams.settings import load_settings
    from streams.terminal import Progress

    settings = load_settings()
    with Progress() as progress:
        await remove(settings, ids)
        progress.log("removed", f"{len(ids)} demonstrations from {settings.demonstrations_topic}")


@commands.command("list")
def list_demonstrations(
    label_set: Annotated[
        str | None, typer.Option("--label-set", help="only those of this label set")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="JSON lines, as `add` takes them")] = False,
) -> None:
    """List what the topic `demonstrations` holds, as workers read it.

    Example: tagwire demos list --label-set news
    """
    run(lambda: _list(label_set, as_json=json))


async def _list(label_set: str | None, *, as_json: bool) -> None:
    from streams.client.demonstrations_topic import held
    from streams.settings import load_settings
    from streams.terminal import write_data, write_text
    from streams.wire.demonstrations import encode_demonstration

    there = await held(load_settings())
    for _, one in sorted(there.demonstrations.items()):
        if label_set in (None, one.label_set):
            if as_json:
                write_data(encode_demonstration(one))
            else:
                write_text(f"{one.id}  {one.label_set}  {_annotated(one)}".replace("\n", " "))


@commands.command()
def check(
    source: Annotated[
        str | None, typer.Argument(metavar="[FILE]", help="a path, - , or else the topic")
    ] = None,
) -> None:
    """Check demonstrations: unknown types, duplicates, incomplete annotations, near-duplicates.

    Prints each finding with its id and its cure; the exit status is 1 if there is one. Two texts
    are near-duplicates if at least 80% of their distinct words are the same.

    Example: tagwire demos check examples/demonstrations.jsonl
    """
    run(lambda: _check(source))


async def _check(source: str | None) -> int:
    from ner_core.labels import LiveLabelSets
    from ner_core.pool.checks import findings
    from streams.settings import load_settings
    from streams.terminal import Progress, write_text

    settings = load_settings()
    demonstrations, found = await _to_check(settings, source)
    found += findings(demonstrations, LiveLabelSets(settings.label_sets))
    for finding in found:
        line = f"{finding.id}: {finding.problem}; {finding.cure}"
        write_text(line.replace("\n", " "))
    with Progress() as progress:
        progress.log("checked", f"{len(demonstrations)} demonstrations, {len(found)} findings")
    return EXIT_FAILED if found else 0


async def _to_check(
    settings: "Settings", source: str | None
) -> "tuple[Sequence[Demonstration], list[Finding]]":
    """Return the demonstrations, and a finding for each record of the topic that is none."""
    from ner_core.pool.checks import Finding
    from streams.client.demonstrations import read_demonstrations
    from streams.client.demonstrations_topic import held

    if source is not None:
        return read_demonstrations(source), []
    there = await held(settings)
    found = [
        Finding(key, f"no demonstration: {error}", "send it again, or `tagwire demos remove` it")
        for key, error in sorted(there.refused.items())
    ]
    return list(there.demonstrations.values()), found


def _annotated(demonstration: "Demonstration") -> str:
    """Return the text with each entity in brackets, and its type."""
    return "".join(_parts(demonstration))


def _parts(demonstration: "Demonstration") -> "Iterator[str]":
    at = 0
    for entity in demonstration.entities:
        if entity.span.start >= at:
            yield demonstration.text[at : entity.span.start]
            yield f"[{demonstration.surface(entity)} {entity.type}]"
            at = entity.span.end
    yield demonstration.text[at:]
