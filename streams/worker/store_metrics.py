"""What the store of a worker found and missed, for Prometheus."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from ner_core.ports import StoreCounts


class StoreCollector(Collector):
    """Reads the counts of a store when it is scraped."""

    def __init__(self, counts: StoreCounts) -> None:
        self._counts = counts

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Yield the counters of keys looked up, by result, and of calls that failed."""
        help_text = "Keys of answers and vectors looked up, by result: hit, miss"
        lookups = CounterMetricFamily("tagwire_store_lookups", help_text, labels=["result"])
        lookups.add_metric(["hit"], self._counts.hits)
        lookups.add_metric(["miss"], self._counts.misses)
        yield lookups
        help_text = "Failed calls to the store"
        yield CounterMetricFamily("tagwire_store_errors", help_text, value=self._counts.errors)
