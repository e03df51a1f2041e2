"""What the store of a worker found and missed, for Prometheus."""

from collections.abc import Iterator
from dataclasses import asdict

from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from ner_core.ports import StoreCounts


class StoreCollector(Collector):
    """Reads the counts of a store when it is scraped."""

    def __init__(self, counts: StoreCounts) -> None:
        self._counts = counts

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Yield one counter with a sample for each kind: hits, misses, errors."""
        help_text = "Stored answers and vectors, by kind: hits, misses (keys), errors (calls)"
        family = CounterMetricFamily("tagwire_store", help_text, labels=["kind"])
        for kind, count in asdict(self._counts).items():
            family.add_metric([kind], count)
        yield family
