"""A server that is busy says when it wants to be asked again: that reaches those who wait."""

from datetime import UTC, datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ner_core.engines.failures import translated
from ner_core.engines.http import opened
from ner_core.engines.retry_after import retry_after_s
from ner_core.errors import EngineBusyError, EngineTimeoutError

NOW = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("1.5", 1.5),
        (" 20 ", 20),
        ("Fri, 27 Nov 2026 09:31:00 GMT", 60),
        ("Friday, 27-Nov-26 09:30:05 GMT", 5),
        ("Fri, 27 Nov 2026 09:30:30 -0000", 30),
        ("Fri, 27 Nov 2026 10:31:00 +0100", 60),
        ("Fri, 27 Nov 2026 09:29:00 GMT", 0),
        ("-3", 0),
        ("nan", 0),
        ("inf", 0),
        ("", 0),
        ("soon", 0),
        ("Fri, 99 Nov 2026 09:31:00 GMT", 0),
    ],
)
def test_it_is_a_number_of_seconds_or_a_date(header, seconds):
    assert retry_after_s(header, NOW) == seconds


@pytest.mark.parametrize(
    ("status", "error"),
    [(429, EngineBusyError), (503, EngineBusyError), (408, EngineTimeoutError)],
)
async def test_the_error_of_a_busy_server_says_how_long_to_wait(status, error):
    async def busy(_):
        return web.Response(status=status, headers={"Retry-After": "7"})

    app = web.Application()
    app.router.add_post("/v1/completions", busy)
    async with TestServer(app) as server, opened(str(server.make_url("/v1")), timeout_s=5) as c:
        with pytest.raises(error) as raised, translated("gemma"):
            await c.post("completions", {})

    assert raised.value.retry_after_s == 7
