"""The workers' way to the broker, where commits can be refused, lost or late, or not looked up."""

import asyncio
import io
import struct
from asyncio import StreamReader, StreamWriter
from enum import Enum

from aiokafka.protocol.commit import (
    OffsetCommitRequest_v2,
    OffsetCommitRequest_v3,
    OffsetFetchRequest_v2,
    OffsetFetchRequest_v3,
)
from aiokafka.protocol.transaction import TxnOffsetCommitRequest_v0
from aiokafka.protocol.types import String

from chaos.tcp_proxy import TcpProxy

OFFSET_COMMIT, TXN_OFFSET_COMMIT = COMMITS = (8, 28)
"""What commits offsets by itself, and in a transaction."""

OFFSET_FETCH = 9
"""What looks commits up."""

COORDINATOR_LOADING = 14
"""Error code: the broker cannot take or return commits now; a retry may help."""

HEADER = struct.Struct(">hhi")
LENGTH = struct.Struct(">i")
REQUESTS = {
    (OFFSET_COMMIT, 2): OffsetCommitRequest_v2,
    (OFFSET_COMMIT, 3): OffsetCommitRequest_v3,
    (TXN_OFFSET_COMMIT, 0): TxnOffsetCommitRequest_v0,
}
OFFSET_FETCHES = {2: OffsetFetchRequest_v2, 3: OffsetFetchRequest_v3}


class Commits(Enum):
    """What becomes of the workers' commits."""

    TAKEN = "taken"
    REFUSED = "refused"
    LOST = "lost"
    LATE = "late"


class CommitProxy(TcpProxy):
    """Carries Kafka's protocol request by request; ``late_s`` is how late a commit arrives.

    While ``loading`` commits are looked up in vain, as at a broker that has just started.
    """

    commits = Commits.TAKEN
    loading = False
    late_s = 2.0
    disturbed = 0

    def heal(self) -> None:
        """Carry everything again, commits among it."""
        self.commits, self.loading = Commits.TAKEN, False
        super().heal()

    async def requests(
        self, client: StreamReader, server: StreamWriter, back: StreamWriter
    ) -> None:
        """Carry requests; of commits, do with them what was asked."""
        while True:
            size = await client.readexactly(LENGTH.size)
            frame = await client.readexactly(*LENGTH.unpack(size))
            kind, *_ = HEADER.unpack_from(frame)
            if kind == OFFSET_FETCH and self.loading:
                self.disturbed += 1
                await self.pass_on(back, loading(frame))
                continue
            if kind in COMMITS and self.commits is not Commits.TAKEN:
                self.disturbed += 1
                if self.commits is Commits.LOST:
                    continue
                if self.commits is Commits.REFUSED:
                    await self.pass_on(back, refusal(frame))
                    continue
                await asyncio.sleep(self.late_s)
            await self.pass_on(server, size + frame)


def loading(frame: bytes) -> bytes:
    """Returns the answer of a broker that still loads its groups: an error, and no partition."""
    _, version, correlation = HEADER.unpack_from(frame)
    fields = {2: ([], COORDINATOR_LOADING), 3: (0, [], COORDINATOR_LOADING)}[version]
    return _framed(correlation, OFFSET_FETCHES[version].RESPONSE_TYPE.SCHEMA.encode(fields))


def refusal(frame: bytes) -> bytes:
    """Returns the broker's answer that refuses each partition of a commit."""
    kind, version, correlation = HEADER.unpack_from(frame)
    request = REQUESTS[kind, version]
    body = io.BytesIO(frame[HEADER.size :])
    String("utf-8").decode(body)  # the client's id
    *_, topics = request.SCHEMA.decode(body)
    refused = [(name, [(p[0], COORDINATOR_LOADING) for p in parts]) for name, parts in topics]
    fields = (refused,) if (kind, version) == (OFFSET_COMMIT, 2) else (0, refused)
    return _framed(correlation, request.RESPONSE_TYPE.SCHEMA.encode(fields))


def _framed(correlation: int, answer: bytes) -> bytes:
    reply = struct.pack(">i", correlation) + answer
    return LENGTH.pack(len(reply)) + reply
