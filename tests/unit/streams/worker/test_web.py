"""The web page of a worker: what it answers before, while and after it works."""

import socket

import httpx2
import pytest

from ner_core.errors import ConfigurationError
from streams.worker.pages import Pages
from streams.worker.web import serve


@pytest.fixture
def taken():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


async def get(port, path):
    async with httpx2.AsyncClient(trust_env=False) as client:
        return await client.get(f"http://127.0.0.1:{port}{path}")


async def test_a_port_that_is_taken_is_named_with_the_cure(taken):
    with pytest.raises(ConfigurationError, match=rf"port {taken}, cannot.*TAGWIRE_WEB_PORT"):
        async with serve(Pages(), "127.0.0.1", taken):
            pass


async def test_a_host_that_is_not_of_this_machine_is_named_with_the_cure():
    with pytest.raises(ConfigurationError, match=r"192\.0\.2\.1, port 0, cannot.*TAGWIRE_WEB_HOST"):
        async with serve(Pages(), "192.0.2.1", 0):
            pass


async def test_a_worker_that_waits_for_its_engines_is_live_and_not_ready():
    async with serve(Pages(), "127.0.0.1", 0) as port:
        live, ready, metrics, unknown = [
            await get(port, path) for path in ("/live", "/ready", "/metrics", "/fingerprints/f")
        ]

    assert (live.status_code, live.json()["live"]) == (200, True)
    assert (ready.status_code, ready.json()["ready"]) == (503, False)
    assert "starting" in ready.json()["warnings"][0]
    assert (metrics.status_code, unknown.status_code) == (200, 404)
