"""How long commands wait for an engine that is busy."""

import asyncio
from types import SimpleNamespace

import pytest

from ner_core.errors import EngineBusyError, EngineDownError, EngineLostError
from streams.client import patience
from streams.client.patience import Patience


@pytest.fixture
def waits(monkeypatch):
    """The waits in seconds; none of them takes time."""
    waits = []

    async def sleep(wait_s):
        waits.append(wait_s)

    monkeypatch.setattr(patience, "asyncio", SimpleNamespace(sleep=sleep, Lock=asyncio.Lock))
    return waits


@pytest.mark.parametrize(
    ("asked_s", "waited_s"), [([], [1, 2]), ([5, 0], [5, 2]), ([3600, 3], [8, 3])]
)
async def test_a_wait_is_as_long_as_the_engine_asks_for_but_not_over_the_cap(
    waits, asked_s, waited_s
):
    errors = [EngineBusyError("gemma", "full", retry_after_s=s) for s in asked_s or [0, 0]]

    async def attempt():
        if errors:
            raise errors.pop(0)
        return "done"

    assert await Patience(first_s=1, cap_s=8).tag("a", attempt) == "done"
    assert waits == waited_s


async def test_an_engine_that_answers_500_until_it_has_ended_costs_no_document(waits):
    errors = [EngineLostError("gemma", "HTTP 500")] * 2
    errors += [EngineDownError("gemma", "connection refused")] * 9

    async def attempt():
        if errors:
            raise errors.pop(0)
        return "done"

    assert await Patience().tag("a", attempt) == "done"
    assert sum(waits[:2]) == 10  # of an engine that ends, two losses are all there are
