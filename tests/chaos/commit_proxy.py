"""The workers' way to the broker: their commits can be refused, lost or answered late."""

import asyncio
import io
import struct
from asyncio import StreamReader, StreamWriter
from enum import Enum

from aiokafka.protocol.commit import OffsetCommitRequest_v2, OffsetCommitRequest_v3
from aiokafka.protocol.transaction import TxnOffsetCommitRequest_v0
from aiokafka.protocol.types import String

from chaos.tcp_proxy import TcpProxy

OFFSET_COMMIT, TXN_OFFSET_COMMIT = COMMITS = (8, 28)
"""What commits offsets by itself, and in a transaction."""

COORDINATOR_LOADING = 14
"""Error code: the broker cannot take commits now; a retry may help."""

HEADER = struct.Struct(">hhi")
LENGTH = struct.Struct(">i")
REQUESTS = {
    (OFFSET_COMMIT, 2): OffsetCommitRequest_v2,
    (OFFSET_COMMIT, 3): OffsetCommitRequest_v3,
    (TXN_OFFSET_COMMIT, 0): TxnOffsetCommitRequest_v0,
}


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
            if HEADER.unpack_from(frame)[0] in COMMITS and self.commits is not Commits.TAKEN:
                self.disturbed += 1
                if self.commits is Commits.LOST:
                    continue
                if self.commits is Commits.REFUSED:
                    await self.pass_on(back, refusal(frame))
                    continue
                await asyncio.sleep(self.late_s)
            await self.pass_on(server, size + frame)


def refusal(frame: bytes) -> bytes:
    """Returns the broker's answer that refuses each partition of a commit."""
    kind, version, correlation = HEADER.unpack_from(frame)
    request = REQUESTS[kind, version]
    body = io.BytesIO(frame[HEADER.size :])
    String("utf-8").decode(body)  # the client's id
    *_, topics = request.SCHEMA.decode(body)
    refused = [(name, [(p[0], COORDINATOR_LOADING) for p in parts]) for name, parts in topics]
    fields = (refused,) if (kind, version) == (OFFSET_COMMIT, 2) else (0, refused)
    reply = struct.pack(">i", correlation) + request.RESPONSE_TYPE.SCHEMA.encode(fields)
    return LENGTH.pack(len(reply)) + reply
