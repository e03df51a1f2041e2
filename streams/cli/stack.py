"""The commands that run processes on this machine, and `status`."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer

from ner_core.errors import ConfigurationError
from streams.cli.dispatch import EXIT_FAILED, run, run_until_stopped

if TYPE_CHECKING:
    from streams.settings import Settings

commands = typer.Typer()

_END_TIMEOUT_S = 60.0

Action = Callable[[asyncio.Event], Awaitable[int | None]]


@commands.command()
def up() -> None:
    """Run everything on this machine until Ctrl-C.

    Starts a broker, Redis, the engines, a worker and the dashboard.

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
    import signal
    import time

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
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="print findings as JSON")] = False,
) -> None:
    """Check this machine, the settings and every server, and print a cure for each fault.

    It changes nothing and ends within seconds. The exit status is 1 if there is a fault.

    Example: tagwire doctor
    """
    run(lambda: _doctor(as_json))


async def _doctor(as_json: bool) -> int:
    from streams.local.doctor import examine, fault_of_settings
    from streams.settings import load_settings
    from streams.terminal import write_data, write_text
    from streams.wire.codec import encode

    try:
        findings = await examine(load_settings())
    except ConfigurationError as exc:
        findings = [fault_of_settings(exc)]
    if as_json:
        write_data(encode([finding.record() for finding in findings]))
    else:
        for finding in findings:
            write_text(finding.line())
    return EXIT_FAILED if any(finding.level == "fault" for finding in findings) else 0


@commands.command()
def worker(
    processes: Annotated[
        int, typer.Option(min=1, help="workers, each a process and a consumer of its own")
    ] = 1,
) -> None:
    """Tag the topic `documents` until SIGTERM.

    Example: TAGWIRE_BOOTSTRAP=kafka:9092 tagwire worker --processes 4
    """
    # Read when numpy is imported. Its threads wait for each other in a loop: products of a
    # worker are small, and another thread for them costs more time than it saves.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    run_until_stopped(_workers(processes) if processes > 1 else _worker(), service=True)


def _worker() -> Action:
    # Imported before signals are listened to: seconds in which one could not be answered.
    from streams.worker import app

    return lambda stop: app.run(_settings_of_worker(), stop)


def _workers(number: int) -> Action:
    from streams.worker import processes

    return lambda stop: processes.run(_settings_of_worker(), number, stop)


def _settings_of_worker() -> "Settings":
    """Return the settings, and log in the format that they name."""
    from streams.cli.logs import log_json
    from streams.settings import load_settings

    settings = load_settings()
    if settings.log_format == "json":
        log_json()
    return settings
