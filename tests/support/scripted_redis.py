"""A Redis that is not well: it says what a test wants, byte by byte."""

import asyncio
import inspect


class ScriptedRedis:
    """A server of the Redis protocol; ``reply`` makes the raw reply to a command.

    It may be a coroutine function; a reply of ``None`` never comes. ``commands`` holds what
    was sent, without the handshake; ``connections`` counts them.
    """

    def __init__(self, reply):
        self.reply = reply
        self.commands = []
        self.connections = 0

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"redis://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/0"
        return self

    async def __aexit__(self, *exc_info):
        self._server.close()

    async def _serve(self, reader, writer):
        self.connections += 1
        try:
            while True:
                writer.write(await self._answer(await _command(reader)))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _answer(self, command):
        if command[0] == b"CLIENT":
            return b"+OK\r\n"
        self.commands.append(command)
        reply = self.reply(command)
        if inspect.isawaitable(reply):
            reply = await reply
        if reply is None:
            await asyncio.Event().wait()
        return reply

    def of(self, name):
        """The commands of one name."""
        return [command for command in self.commands if command[0] == name]


async def _command(reader):
    parts = int((await reader.readuntil(b"\r\n"))[1:])
    command = []
    for _ in range(parts):
        length = int((await reader.readuntil(b"\r\n"))[1:])
        command.append((await reader.readexactly(length + 2))[:-2])
    return command


def bulk(value):
    return b"$-1\r\n" if value is None else b"$%d\r\n%b\r\n" % (len(value), value)


def array(values):
    return b"*%d\r\n" % len(values) + b"".join(map(bulk, values))


def keeping(values):
    """A reply that keeps values in a dict, as a healthy server does."""

    def reply(command):
        if command[0] == b"MGET":
            return array([values.get(key) for key in command[1:]])
        if command[0] == b"DEL":
            return b":%d\r\n" % sum(values.pop(key, None) is not None for key in command[1:])
        values[command[1]] = command[2]
        return b"+OK\r\n"

    return reply


def breaking(_command):
    """A reply that breaks the connection."""
    raise ConnectionResetError
