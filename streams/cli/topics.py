"""The commands ``topics create`` and ``demos load``."""

import typer

from streams.cli.dispatch import run
from streams.cli.options import Source

commands = typer.Typer(help="Topics on the broker.", no_args_is_help=True)
demonstrations = typer.Typer(help="The pool of demonstrations.", no_args_is_help=True)


@commands.callback()
def _topics() -> None:
    """Topics on the broker."""


@demonstrations.callback()
def _demonstrations() -> None:
    """The pool of demonstrations."""


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


@demonstrations.command("load")
def load(source: Source) -> None:
    """Send demonstrations (JSON lines) to the topic `demonstrations`.

    Example: tagwire demos load examples/demonstrations.jsonl
    """
    run(lambda: _load(source))


async def _load(source: str) -> None:
    from streams.client.send import load_demonstrations
    from streams.settings import load_settings
    from streams.terminal import Progress

    settings = load_settings()
    with Progress() as progress:
        number = await load_demonstrations(settings, source)
        progress.log("loaded", f"{number} demonstrations into {settings.demonstrations_topic}")
