"""The command ``dashboard``."""

import asyncio

import typer

from streams.cli.dispatch import run_until_stopped

commands = typer.Typer()


@commands.command()
def dashboard() -> None:
    """Serve a page of what is tagged now, and of how the stack is, until Ctrl-C.

    `tagwire up` serves it too. It only reads; the text that is tried there is written nowhere.

    Example: tagwire dashboard
    """
    run_until_stopped(_dashboard, service=False)


async def _dashboard(stop: asyncio.Event) -> None:
    from streams.dashboard.app import run
    from streams.settings import load_settings

    await run(load_settings(), stop, lambda address: typer.echo(f"dashboard  {address}"))
