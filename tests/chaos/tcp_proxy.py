"""A TCP connection that can be cut, silenced or slowed."""

import asyncio
from asyncio import StreamReader, StreamWriter
from typing import Self

BLOCK = 64 * 1024


class TcpProxy:
    """Carries bytes between a port of its own and another one; an async context manager.

    ``trickle_s`` is the pause after each byte of what the server answers; 0 is none.
    """

    def __init__(self, upstream_port: int, port: int = 0) -> None:
        self.upstream_port = upstream_port
        self.port = port
        self.trickle_s = 0.0
        self._refusing = False
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._writers: set[StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._server.close()
        self.cut()
        for task in tuple(self._tasks):
            task.cancel()

    def cut(self) -> None:
        """Break every connection and every new one until ``heal``."""
        self._refusing = True
        for writer in tuple(self._writers):
            writer.transport.abort()

    def drop(self) -> None:
        """Break the connections of now; new ones are carried."""
        self.cut()
        self._refusing = False

    def silence(self) -> None:
        """Carry nothing, and keep the connections, until ``heal``."""
        self._flowing.clear()

    def heal(self) -> None:
        """Carry everything again."""
        self._refusing = False
        self.trickle_s = 0.0
        self._flowing.set()

    async def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        if self._refusing:
            writer.transport.abort()
            return
        try:
            upstream = await asyncio.open_connection("127.0.0.1", self.upstream_port)
        except OSError:
            writer.transport.abort()
            return
        await self._carry((reader, writer), upstream)

    async def _carry(
        self, client: tuple[StreamReader, StreamWriter], server: tuple[StreamReader, StreamWriter]
    ) -> None:
        writers = {client[1], server[1]}
        self._writers |= writers
        pumps = {
            asyncio.create_task(self.requests(client[0], server[1], client[1])),
            asyncio.create_task(self.replies(server[0], client[1])),
        }
        self._tasks |= pumps
        _, left = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        self._tasks -= pumps
        self._writers -= writers
        for writer in writers:
            writer.transport.abort()

    async def requests(self, client: StreamReader, server: StreamWriter, _: StreamWriter) -> None:
        """Carry what the client sends; the last argument answers the client."""
        while data := await client.read(BLOCK):
            await self.pass_on(server, data)

    async def replies(self, server: StreamReader, client: StreamWriter) -> None:
        """Carry what the server answers."""
        while data := await server.read(BLOCK):
            if not self.trickle_s:
                await self.pass_on(client, data)
                continue
            for byte in data:
                await self.pass_on(client, bytes([byte]))
                await asyncio.sleep(self.trickle_s)

    async def pass_on(self, writer: StreamWriter, data: bytes) -> None:
        """Write, as soon as the connection is not silenced."""
        await self._flowing.wait()
        writer.write(data)
        await writer.drain()
