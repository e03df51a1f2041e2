"""Hits and misses of the store are exported."""

from ner_core.testing import InMemoryStore
from streams.worker.metrics import Metrics
from streams.worker.store_metrics import StoreCollector


async def test_hits_misses_and_errors_are_counters_of_one_name():
    metrics, store = Metrics(), InMemoryStore()
    metrics.registry.register(StoreCollector(store.counts))
    await store.put({"a": b"1"})
    await store.get(["a", "b", "c"])

    lines = metrics.exposition().decode().splitlines()
    assert {line for line in lines if line.startswith("tagwire_store")} == {
        'tagwire_store_total{kind="hits"} 1.0',
        'tagwire_store_total{kind="misses"} 2.0',
        'tagwire_store_total{kind="errors"} 0.0',
    }
