"""Serves a small web application of a process's own."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from ner_core.errors import ConfigurationError
from ner_core.validation import reason


@asynccontextmanager
async def listening(
    application: web.Application, host: str, port: int, settings: tuple[str, str]
) -> AsyncIterator[int]:
    """Serve an application while the context is open; returns the port.

    ``settings`` name what changes the host and the port. A request whose client has left is
    cancelled.

    Raises:
        ConfigurationError: the address cannot be listened on.
    """
    runner = web.AppRunner(
        application, access_log=None, shutdown_timeout=0.5, handler_cancellation=True
    )
    await runner.setup()
    try:
        await _listen(web.TCPSite(runner, host, port), host, port, settings)
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def _listen(site: web.TCPSite, host: str, port: int, settings: tuple[str, str]) -> None:
    try:
        await site.start()
    except OSError as exc:
        # asyncio's own text has the address once more.
        why = os.strerror(exc.errno) if exc.errno and exc.errno > 0 else reason(exc)
        msg = (
            f"{host}, port {port}, cannot be listened on ({why}); "
            f"set {' or '.join(settings)} to another one"
        )
        raise ConfigurationError(msg) from exc
