"""A door before a server: it can lead to another, or speak TLS."""

import asyncio
import contextlib


class Proxy:
    """Forwards connections to a port on loopback; ``port`` can change for new ones."""

    def __init__(self, port, *, tls=None):
        self.port = port
        self._tls = tls

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.own_port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc_info):
        self._server.close()

    async def _serve(self, reader, writer):
        with contextlib.suppress(ConnectionError):
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.port)
            await asyncio.gather(_pump(reader, there_writer), _pump(there_reader, writer))
        writer.close()


async def _pump(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()
