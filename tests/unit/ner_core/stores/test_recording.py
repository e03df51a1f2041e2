"""The store that remembers what was found in another."""

from ner_core.stores import RecordingStore
from ner_core.testing import InMemoryStore


async def test_it_reads_from_the_other_keeps_nothing_and_knows_what_was_found():
    inner = InMemoryStore()
    await inner.put({"a": b"one", "b": b"two", "empty": b""})
    store = RecordingStore(inner)

    await store.put({"c": b"three"})

    assert await store.get(["a", "c", "empty"]) == [b"one", None, b""]
    assert await store.get(["d"]) == [None]
    assert store.found == {"a", "empty"}
    assert inner.values.keys() == {"a", "b", "empty"}
    assert (store.counts.hits, store.counts.misses) == (2, 2)
