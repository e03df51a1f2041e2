"""The reader of the pool leaves out what is no demonstration, and counts it."""

import pytest
from support.pipelines import pipeline

from ner_core.labels import LiveLabelSets
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


async def test_a_label_set_that_is_taken_up_judges_the_demonstrations_again(tmp_path):
    (tmp_path / "other.toml").write_text('[[type]]\nid = "x"\n')
    made = await pipeline(RuleEngine("a"))
    made.label_sets = LiveLabelSets(tmp_path)
    feed = PoolFeed(Settings(), made, nothing)
    for kind in ("ship", "boat"):
        entities = (TypedSpan(Span(0, 5), kind),)
        demonstration = Demonstration(kind, "Varna sailed.", entities, label_set="ships")
        assert feed._apply(kind.encode(), encode_demonstration(demonstration))
    assert not feed._leave_out_unknown_types()

    (tmp_path / "ships.toml").write_text('[[type]]\nid = "ship"\n')
    assert "ships" in made.label_sets

    assert feed._leave_out_unknown_types()
    assert not feed._leave_out_unknown_types()
    assert (list(feed._demonstrations), feed.refused) == ([b"ship"], 1)
    await feed.close()
