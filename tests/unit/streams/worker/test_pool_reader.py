"""The reader of the pool leaves out what is no demonstration, and counts it."""

import asyncio
from types import SimpleNamespace

import pytest
from support.pipelines import pipeline

from ner_core.errors import NoVectorError
from ner_core.labels import LiveLabelSets
from ner_core.testing import HashEmbedder, RuleEngine
from ner_core.types import Demonstration, Span, TypedSpan
from streams.host.ports import free_port
from streams.settings import Settings
from streams.wire.demonstrations import encode_demonstration
from streams.wire.errors import BrokerUnavailableError
from streams.worker import pool_reader
from streams.worker.pool_reader import BATCH, PoolFeed


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


class Log:
    """Records of one partition, of which a reader gets as many at a time as it asks for."""

    def __init__(self, records):
        self.records, self.taken = records, 0

    def assignment(self):
        return {"demonstrations"}

    def last_stable_offset(self, _partition):
        return len(self.records)

    async def position(self, _partition):
        return self.taken

    async def getmany(self, *, max_records, **_):
        if self.taken == len(self.records):
            await asyncio.Event().wait()
        part = self.records[self.taken : self.taken + max_records]
        self.taken += len(part)
        return {"demonstrations": part}

    async def stop(self):
        return None


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


async def test_a_record_that_is_refused_takes_the_place_of_the_one_before_it(feed):
    await take(feed, (b"sailed", sailed("product")))
    refused = await take(feed, (b"sailed", sailed("ship")))
    newly_read = PoolFeed(Settings(), await pipeline(RuleEngine("a"), pool=[]), nothing)

    assert (len(refused), feed.refused) == (0, 1)
    assert (await take(newly_read, (b"sailed", sailed("ship")))).version == refused.version
    await newly_read.close()


@pytest.mark.parametrize("value", [sailed("product"), None])
async def test_a_demonstration_is_no_longer_refused_once_it_is_corrected_or_removed(feed, value):
    await take(feed, (b"sailed", sailed("ship")), (b"sailed", sailed("ship")))
    assert feed.refused == 1
    pool = await take(feed, (b"sailed", value))

    assert (len(pool), feed.refused) == (value is not None, 0)
    assert not any("no demonstrations" in warning for warning in feed.warnings)


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


async def snapshots_of(number):
    """Let a feed follow so many new records; returns the sizes of the pools that it makes."""
    sizes, whole = [], asyncio.Event()
    made = await pipeline(RuleEngine("a"), pool=[])

    async def changed():
        sizes.append(len(made.pool))
        if sizes[-1] == number:
            whole.set()

    feed = PoolFeed(Settings(), made, changed)
    await feed.close()
    rain = [Demonstration(str(n), "Rain fell.", ()) for n in range(number)]
    feed._consumer = Log(
        [SimpleNamespace(key=d.id.encode(), value=encode_demonstration(d)) for d in rain]
    )
    following = asyncio.create_task(feed.follow())
    await asyncio.wait_for(whole.wait(), 60)
    following.cancel()
    return sizes


async def test_many_records_that_have_arrived_make_one_pool():
    assert await snapshots_of(3 * BATCH) == [3 * BATCH]


async def test_a_topic_that_never_ends_makes_pools_nevertheless(monkeypatch):
    monkeypatch.setattr(pool_reader, "BATCHES", 2)

    assert await snapshots_of(3 * BATCH) == [2 * BATCH, 3 * BATCH]


async def test_others_run_between_two_batches(feed):
    record = SimpleNamespace(key=b"\xff", value=b"{}")
    await feed.close()
    feed._consumer = Log([record] * (3 * BATCH))
    ran = asyncio.Event()
    asyncio.get_running_loop().call_soon(ran.set)

    await feed._poll()

    assert ran.is_set()


class NoVectorFor(HashEmbedder):
    """An encoder that has no vector for one text."""

    def __init__(self, text):
        self.text = text

    async def embed(self, texts):
        if self.text in texts:
            raise NoVectorError("hashed", self.text)
        return await super().embed(texts)


@pytest.mark.parametrize("text", ["Varna sailed.", "Varna"])
async def test_a_demonstration_without_a_vector_is_refused_and_the_others_are_kept(text):
    made = await pipeline(RuleEngine("a"), pool=[])
    made.embedder = NoVectorFor(text)
    feed = PoolFeed(Settings(), made, nothing)
    rain = encode_demonstration(Demonstration("rain", "Rain fell.", ()))

    async with asyncio.timeout(20):
        pool = await take(feed, (b"sailed", sailed("product")), (b"rain", rain))

    assert (len(pool), feed.refused) == (1, 1)
    await feed.close()


async def test_a_broker_that_is_away_is_an_error_that_passes():
    settings = Settings(bootstrap=f"127.0.0.1:{free_port()}")
    feed = PoolFeed(settings, await pipeline(RuleEngine("a"), pool=[]), nothing)

    with pytest.raises(BrokerUnavailableError):
        await feed.load()

    await feed.close()
