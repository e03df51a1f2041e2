"""The commands ``dead list`` and ``dead show``."""

from typing import TYPE_CHECKING

import typer

from streams.cli.dispatch import run

if TYPE_CHECKING:
    from streams.wire.letters import Letter

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
    from streams.client.dead_letters import overview
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
        write_text(f"{when(letter)}  {letter.position}  {one_line(letter)}")


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
    from streams.client.dead_letters import find
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


def when(letter: "Letter") -> str:
    """Return the time of a letter, UTC."""
    from datetime import UTC, datetime

    seconds = letter.message.timestamp_ms / 1000
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(sep=" ", timespec="seconds")
    except (OverflowError, OSError, ValueError):
        return f"{letter.message.timestamp_ms} ms"


def one_line(letter: "Letter") -> str:
    """Return id, reason and message of a letter, and how often it was redriven."""
    again = f" (redriven {letter.redrives} times)" if letter.redrives else ""
    return f"{letter.id}  {letter.reason}{again}  {letter.why}".replace("\n", " ")


def original(letter: "Letter") -> str:
    """Return the document as it came; an object of JSON is indented."""
    import json

    from streams.wire.codec import load_json

    value = letter.message.value
    if value is None:
        return "(null: a deletion)" if letter.is_whole else "(the broker refused the value)"
    text = value.decode("utf-8", "backslashreplace")
    try:
        return json.dumps(load_json(text), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return text
