"""The command ``topics create``."""

import typer

from streams.cli.dispatch import run

commands = typer.Typer(help="Topics on the broker.", no_args_is_help=True)


@commands.callback()
def _topics() -> None:
    """Topics on the broker."""


@commands.command("create")
def create() -> None:
    """Create the topics that do not exist.

    Example: tagwire topics create
    """
    run(_create)


async def _create() -> None:
    from streams import topics
    from streams.settings import load_settings

    for name, new in (await topics.create(load_settings())).items():
        typer.echo(f"  {name}  {'created' if new else 'exists'}")
