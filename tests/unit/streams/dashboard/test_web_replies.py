"""What the scripts of the page get: errors in JSON, and large documents over slow lines."""

import asyncio
import socket

import pytest
from support.dashboard import running_dashboard

from streams.dashboard import web

TOKEN = "0123456789abcdef"
MEBIBYTE = 2**20


@pytest.mark.parametrize("path", ["/events", "/letters/0:0"])
async def test_scripts_are_refused_in_json(path):
    async with running_dashboard(dashboard_token=TOKEN) as dashboard:
        refused = await dashboard.get(path)
        tried = await dashboard.post("/try", json={"text": "x"})

        assert (refused.status, tried.status) == (401, 401)
        assert "token" in (await refused.json())["error"]
        assert "token" in (await tried.json())["error"]


async def test_people_are_refused_on_a_page():
    async with running_dashboard(dashboard_token=TOKEN) as dashboard:
        refused = await dashboard.get("/")

        assert (refused.status, refused.content_type) == (401, "text/html")


async def test_a_text_that_is_too_large_is_refused_in_json(monkeypatch):
    monkeypatch.setattr(web, "_MAX_REQUEST", MEBIBYTE)
    async with running_dashboard() as dashboard:
        response = await dashboard.post("/try", json={"text": "x" * 2 * MEBIBYTE})

        assert response.status == 413
        assert await response.json() == {"error": "larger than 1 MiB"}


async def test_a_large_document_arrives_over_a_slow_line(monkeypatch):
    monkeypatch.setattr(web, "STALLED_S", 1.0)
    size = 16 * MEBIBYTE
    async with running_dashboard() as dashboard:
        reader, writer = await narrow_connection(dashboard.port)
        dashboard.show({"id": "a", "text": "x" * size})
        writer.write(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        received = 0
        while received < size:
            read = await reader.read(MEBIBYTE // 4)
            assert read, f"disconnected after {received} bytes"
            received += read.count(b"x")
            await asyncio.sleep(len(read) / (6 * MEBIBYTE))  # the line's speed, bytes per second
        writer.close()


async def narrow_connection(port):
    """A connection whose buffers hold little of what the server writes."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**16)
    client.settimeout(0)
    await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", port))
    return await asyncio.open_connection(sock=client, limit=2**16)
