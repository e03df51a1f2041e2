"""The command ``tagwire``: its groups of commands."""

import sys
from typing import Annotated

import typer

from ner_core import __version__
from ner_core.errors import TagwireError
from streams.cli import (
    annotate,
    dashboard,
    dead,
    demos,
    documents,
    erase,
    evaluate,
    export,
    gpu_worker,
    models,
    replay,
    stack,
    topics,
)
from streams.cli.output import standard_output

cli = typer.Typer(
    name="tagwire",
    help="Tag named entities in a live feed with an ensemble of small open language models.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tagwire {__version__}")
        raise typer.Exit


@cli.callback()
def main_options(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="print the version"),
    ] = False,
) -> None:
    """Settings: tagwire.toml (or the file in TAGWIRE_CONFIG), overridden by TAGWIRE_* variables."""


cli.add_typer(stack.commands)
cli.add_typer(dashboard.commands)
cli.add_typer(gpu_worker.commands, name="gpu-worker")
cli.add_typer(documents.commands)
cli.add_typer(erase.commands)
cli.add_typer(replay.commands)
cli.add_typer(evaluate.commands)
cli.add_typer(export.commands)
cli.add_typer(annotate.commands, name="annotate")
cli.add_typer(dead.commands, name="dead")
cli.add_typer(models.commands, name="models")
cli.add_typer(demos.commands, name="demos")
cli.add_typer(topics.commands, name="topics")


def main() -> None:
    """Run the command line."""
    sys.stdout = standard_output()
    try:
        cli()
    except TagwireError as exc:  # outside of an action, as of --help
        sys.exit(f"tagwire: {exc}")
