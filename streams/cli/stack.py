"""The commands that run processes on this machine, and `status`."""

import asyncio
import os
from typing import Annotated

import typer

from streams.cli.dispatch import EXIT_FAILED, run, run_until_stopped

commands = typer.Typer()

_END_TIMEOUT_S = 60.0


@commands.command()
def up() -> None:
    """Run everything on this machine until Ctrl-C.

    Starts a broker, Redis, the engines and a worker.

    Example: tagwire up
    """
    run_until_stopped(_up, service=False)


async def _up(stop: asyncio.Event) -> None:
    from streams.local.stack import up
    from streams.settings import load_settings
    from streams.terminal import Progress

    with Progress() as progress:
        await up(load_settings(), progress, stop)


@commands.command()
def down() -> None:
    """Stop the `tagwire up` that runs on this machine.

    Example: tagwire down
    """
    run(_down)


async def _down() -> None:
    import os
    import signal
    import time

    from ner_core.errors import ConfigurationError
    from streams.host.pidfile import holder
    from streams.settings import load_settings
    from streams.terminal import Progress

    path = load_settings().pid_file
    pid = holder(path)
    if pid is None:
        msg = f"no `tagwire up` is running here (no process holds {path})"
        raise ConfigurationError(msg)
    with Progress() as progress:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + _END_TIMEOUT_S
        while holder(path) == pid:
            if time.monotonic() > deadline:
                msg = f"process {pid} did not end within {_END_TIMEOUT_S:.0f} s; `kill -9 {pid}`"
                raise ConfigurationError(msg)
            await asyncio.sleep(0.1)
        progress.log("down", f"process {pid} has ended")


@commands.command()
def demo(documents: Annotated[int, typer.Option(min=1, max=40)] = 8) -> None:
    """Tag the sample feed on a stack of its own.

    Example: tagwire demo --documents 12
    """
    run_until_stopped(lambda stop: _demo(documents, stop), service=False)


async def _demo(documents: int, stop: asyncio.Event) -> int:
    from streams.local.demo import run_demo
    from streams.terminal import Progress

    with Progress() as progress:
        return 0 if await run_demo(progress, documents, stop) else EXIT_FAILED


@commands.command()
def status() -> None:
    """Show the state of every process, the lag and the pool.

    The exit status is 1 if something is not well.

    Example: tagwire status
    """
    run(_status)


async def _status() -> int:
    from rich.console import Console

    from streams.local.status import read_status
    from streams.settings import load_settings
    from streams.terminal import table

    state = await read_status(load_settings())
    Console(highlight=False).print(table(state.rows))
    return 0 if state.well else EXIT_FAILED


@commands.command()
def worker() -> None:
    """Tag the topic `documents` until SIGTERM, as one process.

    Example: TAGWIRE_BOOTSTRAP=kafka:9092 tagwire worker
    """
    # Read when numpy is imported. Its threads wait for each other in a loop: products of a
    # worker are small, and another thread for them costs more time than it saves.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Imported before signals are listened to: seconds in which one could not be answered.
    from streams.cli.logs import log_json
    from streams.settings import load_settings
    from streams.worker import app

    async def run(stop: asyncio.Event) -> int:
        settings = load_settings()
        if settings.log_format == "json":
            log_json()
        return await app.run(settings, stop)

    run_until_stopped(run, service=True)
