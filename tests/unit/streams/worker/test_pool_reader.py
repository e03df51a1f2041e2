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


@pytest.fixture
async def feed():
    feed = PoolFeed(Settings(), await pipeline(RuleEngine("a"), pool=[]), nothing)
    yield feed
    await feed.close()


async def take(feed, *records):
    """Let the feed take records and make its pool; returns the pool."""
    for key, value in records:
        feed._take(key, value)
    await feed._build()
    return feed._pipeline.pool


@pytest.mark.parametrize(("kind", "refused"), [("ship", 1), ("product", 0)])
async def test_a_demonstration_of_an_unknown_type_is_refused_and_counted(feed, kind, refused):
    pool = await take(feed, (b"sailed", sailed(kind)))

    assert (len(pool), feed.refused) == (1 - refused, refused)
    assert any("no demonstrations" in warning for warning in feed.warnings) == bool(refused)


@pytest.mark.parametrize("key", [b"", b"other", b"\xff"])
async def test_a_demonstration_whose_key_is_not_its_id_is_refused(feed, key):
    assert len(await take(feed, (key, sailed("product")))) == 0
    assert feed.refused == 1


async def test_a_demonstration_is_replaced_and_removed_by_its_key(feed):
    first = await take(feed, (b"sailed", sailed("product")))
    second = await take(feed, (b"sailed", sailed("event")))

    assert (len(first), len(second), first.version != second.version) == (1, 1, True)
    assert len(await take(feed, (b"sailed", None), (b"unknown", None))) == 0


async def test_what_changes_nothing_makes_no_new_pool(feed):
    await take(feed, (b"sailed", sailed("product")))

    for value in (sailed("event"), sailed("product")):
        feed._take(b"sailed", value)

    assert not feed._pending


async def test_a_label_set_that_is_taken_up_judges_the_demonstrations_again(tmp_path):
    (tmp_path / "other.toml").write_text('[[type]]\nid = "x"\n')
    made = await pipeline(RuleEngine("a"), pool=[])
    made.label_sets = LiveLabelSets(tmp_path)
    feed = PoolFeed(Settings(), made, nothing)
    records = []
    for kind in ("ship", "boat"):
        entities = (TypedSpan(Span(0, 5), kind),)
        demonstration = Demonstration(kind, "Varna sailed.", entities, label_set="ships")
        records.append((kind.encode(), encode_demonstration(demonstration)))
    assert len(await take(feed, *records)) == 2
    await feed._leave_out_unknown_types()
    assert not feed._pending

    (tmp_path / "ships.toml").write_text('[[type]]\nid = "ship"\n')
    assert "ships" in made.label_sets
    await feed._leave_out_unknown_types()

    assert (feed._pending, feed.refused) == ({"boat": None}, 1)
    assert len(await take(feed)) == 1
    await feed._leave_out_unknown_types()
    assert not feed._pending
    await feed.close()


async def test_a_record_whose_key_is_not_utf_8_is_removed_without_being_refused(feed):
    assert len(await take(feed, (b"\xff", None))) == 0
    assert feed.refused == 0
