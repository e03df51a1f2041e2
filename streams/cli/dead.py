"""The commands ``dead list``, ``dead show`` and ``dead redrive``."""

from typing import TYPE_CHECKING, Annotated

import typer

from streams.cli.dispatch import run

if TYPE_CHECKING:
    from collections.abc import Collection


commands = typer.Typer(help="Dead letters: documents that could not be tagged.")


@commands.callback(no_args_is_help=True)
def _dead() -> None:
    """Dead letters: documents that could not be tagged."""


@commands.command("list")
def list_letters() -> None:
    """Count the dead letters by reason and list the newest.

    Example: tagwire dead list
    """
    run(_list)


async def _list() -> None:
    from streams.client.dead_letters import overview, when
    from streams.settings import load_settings
    from streams.terminal import write_text

    settings = load_settings()
    found = await overview(settings)
    total = sum(found.reasons.values())
    write_text(f"{total} dead letters on {settings.dead_topic}")
    for reason, number in found.reasons.most_common():
        write_text(f"{number:8}  {reason}")
    if found.newest:
        write_text(f"\nthe newest {len(found.newest)} of {total}:")
    for letter in found.newest:
        write_text(f"{when(letter)}  {letter.position}  {letter.summary}")


@commands.command()
def show(
    name: str = typer.Argument(metavar="ID|PARTITION:OFFSET", help="as `tagwire dead list` has it"),
) -> None:
    """Show the dead letters of a document: headers and the document itself.

    Example: tagwire dead show 2:118
    """
    run(lambda: _show(name))


async def _show(name: str) -> None:
    from ner_core.errors import ConfigurationError
    from streams.client.dead_letters import find, original, when
    from streams.settings import load_settings
    from streams.terminal import write_text

    settings = load_settings()
    found = await find(settings, name)
    if not found:
        msg = f"no dead letter {name!r} on {settings.dead_topic}; `tagwire dead list` shows them"
        raise ConfigurationError(msg)
    for letter in found:
        write_text(f"{letter.position}  {when(letter)}")
        write_text(f"key: {letter.id if letter.message.key is not None else 'null'}")
        for header, value in letter.message.headers:
            said = "null" if value is None else value.decode("utf-8", "backslashreplace")
            write_text(f"{header}: {said}".replace("\n", "\\n"))
        write_text("\n" + original(letter) + "\n")


@commands.command()
def redrive(
    where: Annotated[
        list[str] | None, typer.Option(metavar="reason=CODE", help="only these; may be repeated")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="show what would be sent, and send nothing")
    ] = False,
) -> None:
    """Send dead letters to the topic `documents` again, unless a newer version was sent.

    Example: tagwire dead redrive --where reason=too_long --dry-run
    """
    run(lambda: _redrive(_reasons(where or ()), dry_run))


async def _redrive(reasons: "Collection[str]", dry_run: bool) -> None:
    from collections import Counter
    from contextlib import aclosing

    from streams.client.redrive import redrive
    from streams.settings import load_settings
    from streams.terminal import write_text

    sent: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    settings = load_settings()
    async with aclosing(redrive(settings, reasons=reasons, dry_run=dry_run)) as outcomes:
        async for outcome in outcomes:
            letter = outcome.letter
            (refused if outcome.refusal else sent)[letter.reason] += 1
            if outcome.refusal:
                write_text(f"refused {letter.position}  {letter.id}: {outcome.refusal}")
    would_be = "would be " if dry_run else ""
    for counts, what in (
        (sent, f"{would_be}sent to {settings.documents_topic}"),
        (refused, f"{would_be}refused"),
    ):
        write_text(f"{counts.total()} dead letters {what}")
        for reason, number in counts.most_common():
            write_text(f"{number:8}  {reason}")


def _reasons(where: "Collection[str]") -> list[str]:
    """Return the codes of ``reason=CODE``."""
    for condition in where:
        if not condition.startswith("reason=") or condition == "reason=":
            msg = f"{condition!r} is not reason=CODE"
            raise typer.BadParameter(msg, param_hint="--where")
    return [condition.removeprefix("reason=") for condition in where]
