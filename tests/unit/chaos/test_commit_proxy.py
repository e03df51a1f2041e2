"""What the proxy does with commits: those of a consumer, and those in a transaction."""

import asyncio
import io
import struct
from contextlib import asynccontextmanager

import pytest
from aiokafka.protocol.commit import OffsetCommitRequest_v3, OffsetFetchRequest_v3
from aiokafka.protocol.transaction import TxnOffsetCommitRequest_v0
from aiokafka.protocol.types import String
from chaos.commit_proxy import COORDINATOR_LOADING, CommitProxy, Commits
from support.processes import until

ALONE = OffsetCommitRequest_v3("group", 1, "member", -1, [("documents", [(2, 5, "")])])
IN_TRANSACTION = TxnOffsetCommitRequest_v0("id", "group", 7, 0, [("documents", [(2, 5, "")])])
CORRELATION = 9


def framed(request):
    header = struct.pack(">hhi", request.API_KEY, request.API_VERSION, CORRELATION)
    frame = header + String("utf-8").encode("client") + request.encode()
    return struct.pack(">i", len(frame)) + frame


@asynccontextmanager
async def proxied(commits=Commits.TAKEN, *, loading=False):
    """Yields a client's connection through the proxy, and what the broker got."""
    got = bytearray()

    async def broker(reader, _):
        while data := await reader.read(1024):
            got.extend(data)

    server = await asyncio.start_server(broker, "127.0.0.1")
    async with server, CommitProxy(server.sockets[0].getsockname()[1]) as proxy:
        proxy.commits, proxy.loading = commits, loading
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        yield reader, writer, got
        writer.close()


async def answered(request, reader, writer):
    """The answer to a request."""
    writer.write(framed(request))
    async with asyncio.timeout(5):
        (size,) = struct.unpack(">i", await reader.readexactly(4))
        reply = io.BytesIO(await reader.readexactly(size))
    assert struct.unpack(">i", reply.read(4)) == (CORRELATION,)
    return request.RESPONSE_TYPE.decode(reply)


@pytest.mark.parametrize("request_", [ALONE, IN_TRANSACTION], ids=["alone", "in a transaction"])
async def test_a_refused_commit_is_answered_for_the_broker_and_never_reaches_it(request_):
    async with proxied(Commits.REFUSED) as (reader, writer, got):
        answer = await answered(request_, reader, writer)

    (_, partitions), *_ = answer.errors if request_ is IN_TRANSACTION else answer.topics
    assert partitions == [(2, COORDINATOR_LOADING)]
    assert not got


@pytest.mark.parametrize("request_", [ALONE, IN_TRANSACTION], ids=["alone", "in a transaction"])
async def test_a_commit_that_is_taken_reaches_the_broker_as_it_is(request_):
    async with proxied(Commits.TAKEN) as (_, writer, got):
        writer.write(framed(request_))

        async def passed_on():
            return len(got) >= len(framed(request_))

        await until(passed_on, "the commit is passed on", 5)

    assert bytes(got) == framed(request_)


async def test_commits_that_are_looked_up_while_it_loads_are_answered_with_an_error_alone():
    request = OffsetFetchRequest_v3("group", [("documents", [0, 1])])
    async with proxied(loading=True) as (reader, writer, got):
        answer = await answered(request, reader, writer)

    assert (answer.topics, answer.error_code) == ([], COORDINATOR_LOADING)
    assert not got
