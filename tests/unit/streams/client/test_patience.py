"""How long commands wait for an engine that is busy."""

from types import SimpleNamespace

import pytest

from ner_core.errors import EngineBusyError
from streams.client import patience
from streams.client.patience import Patience


@pytest.fixture
def waits(monkeypatch):
    """The waits in seconds; none of them takes time."""
    waits = []

    async def sleep(wait_s):
        waits.append(wait_s)

    monkeypatch.setattr(patience, "asyncio", SimpleNamespace(sleep=sleep))
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
