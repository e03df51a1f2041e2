"""The workers' way to the broker: their commits can be refused, lost or answered late."""

import asyncio
import io
import struct
from asyncio import StreamReader, StreamWriter
from enum import Enum

from aiokafka.protocol.commit import OffsetCommitRequest_v2, OffsetCommitRequest_v3
from aiokafka.protocol.types import String

from chaos.tcp_proxy import TcpProxy

OFFSET_COMMIT = 8
COORDINATOR_LOADING = 14
"""Error code: the broker cannot take commits now; a retry may help."""

HEADER = struct.Struct(">hhi")
LENGTH = struct.Struct(">i")
REQUESTS = {2: OffsetCommitRequest_v2, 3: OffsetCommitRequest_v3}


class Commits(Enum):
    """What becomes of the workers' commits."""

    TAKEN = "taken"
    REFUSED = "refused"
    LOST = "lost"
    LATE = "late"


class CommitProxy(TcpProxy):
    """Carries Kafka's protocol request by request; ``late_s`` is how late a commit arrives."""

    commits = Commits.TAKEN
    late_s = 2.0
    disturbed = 0

    def heal(self) -> None:
        """Carry everything again, commits among it."""
        self.commits = Commits.TAKEN
        super().heal()

    async def requests(
        self, client: StreamReader, server: StreamWriter, back: StreamWriter
    ) -> None:
        """Carry requests; of commits, do with them what was asked."""
        while True:
            size = await client.readexactly(LENGTH.size)
            frame = await client.readexactly(*LENGTH.unpack(size))
            kind, version, correlation = HEADER.unpack_from(frame)
            if kind == OFFSET_COMMIT and self.commits is not Commits.TAKEN:
                self.disturbed += 1
                if self.commits is Commits.LOST:
                    continue
                if self.commits is Commits.REFUSED:
                    await self.pass_on(back, refusal(frame, version, correlation))
                    continue
                await asyncio.sleep(self.late_s)
            await self.pass_on(server, size + frame)


def refusal(frame: bytes, version: int, correlation: int) -> bytes:
    """Returns the broker's answer that refuses each partition of a commit."""
    request = REQUESTS[version]
    body = io.BytesIO(frame[HEADER.size :])
    String("utf-8").decode(body)  # the client's id
    *_, topics = request.SCHEMA.decode(body)
    refused = [(name, [(p[0], COORDINATOR_LOADING) for p in parts]) for name, parts in topics]
    fields = (refused,) if version == 2 else (0, refused)
    reply = struct.pack(">i", correlation) + request.RESPONSE_TYPE.SCHEMA.encode(fields)
    return LENGTH.pack(len(reply)) + reply
