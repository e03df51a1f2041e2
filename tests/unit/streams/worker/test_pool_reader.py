"""The reader of the pool leaves out what is no demonstration, and counts it."""

import pytest
from support.pipelines import pipeline

from ner_core.testing import RuleEngine
from ner_core.types import Demonstration, Span, TypedSpan
from streams.settings import Settings
from streams.wire.demonstrations import encode_demonstration
from streams.worker.pool_reader import PoolFeed


async def nothing() -> None:
    return None


def sailed(kind):
    return encode_demonstration(
        Demonstration("sailed", "Varna sailed.", (TypedSpan(Span(0, 5), kind),))
    )


@pytest.mark.parametrize(("kind", "refused"), [("ship", 1), ("product", 0)])
async def test_a_demonstration_of_an_unknown_type_is_refused_and_counted(kind, refused):
    feed = PoolFeed(Settings(), await pipeline(RuleEngine("a")), nothing)

    changed = feed._apply(b"sailed", sailed(kind))

    assert (changed, feed.refused) == (not refused, refused)
    await feed.close()
    assert any("no demonstrations" in warning for warning in feed.warnings) == bool(refused)
