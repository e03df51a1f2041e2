"""The store that keeps nothing."""

from ner_core.stores import NullStore


async def test_every_read_is_a_miss():
    store = NullStore()
    await store.put({"a": b"one"})

    assert await store.get(["a", "b"]) == [None, None]
    assert (store.counts.hits, store.counts.misses, store.counts.errors) == (0, 2, 0)
