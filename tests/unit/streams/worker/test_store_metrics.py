"""Hits and misses of the store are exported."""

from ner_core.testing import InMemoryStore
from streams.worker.metrics import Metrics
from streams.worker.store_metrics import StoreCollector


async def test_lookups_are_counted_by_result_and_errors_apart():
    metrics, store = Metrics(), InMemoryStore()
    metrics.registry.register(StoreCollector(store.counts))
    await store.put({"a": b"1"})
    await store.get(["a", "b", "c"])

    lines = metrics.exposition().decode().splitlines()
    assert {line for line in lines if line.startswith("tagwire_store")} == {
        'tagwire_store_lookups_total{result="hit"} 1.0',
        'tagwire_store_lookups_total{result="miss"} 2.0',
        "tagwire_store_errors_total 0.0",
    }
