"""Serves a small web application of a process's own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from ner_core.errors import ConfigurationError


@asynccontextmanager
async def listening(
    application: web.Application, host: str, port: int, setting: str
) -> AsyncIterator[int]:
    """Serve an application while the context is open; returns the port.

    ``setting`` names what changes the port.

    Raises:
        ConfigurationError: the address cannot be listened on.
    """
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await _listen(web.TCPSite(runner, host, port), host, port, setting)
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def _listen(site: web.TCPSite, host: str, port: int, setting: str) -> None:
    try:
        await site.start()
    except OSError as exc:
        msg = (
            f"{host}, port {port}, cannot be listened on ({exc.strerror or exc}); "
            f"set TAGWIRE_WEB_HOST or {setting} to another one"
        )
        raise ConfigurationError(msg) from exc
