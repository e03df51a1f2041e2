"""What the pages /metrics of a worker and of a gpu-worker show, with every metric on them."""

from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from ner_core.testing import InMemoryStore
from ner_core.types import StageCounts, TaggedDocument
from streams.serving.page import Page
from streams.wire.documents import DocumentRecord
from streams.worker.metrics import Behind, Metrics
from streams.worker.store_metrics import StoreCollector


def worker_metrics():
    """Metric families of a worker; each has a sample."""
    metrics = Metrics()
    metrics.registry.register(StoreCollector(InMemoryStore().counts))
    metrics.dead.labels("unexpected").inc()
    metrics.retries.labels("engine_lost").inc()
    metrics.lost.labels("documents", "0").inc()
    metrics.show_lag({("documents", 0): Behind(records=1, seconds=2.0)})
    counts = {("extract", "gemma"): StageCounts(requests=1)}
    tagged = TaggedDocument("a", "f", (), (), 1, counts)
    metrics.count_tagged(DocumentRecord(id="a", text="x"), tagged, 1.0)
    return _families(metrics.exposition())


def gpu_worker_metrics():
    """Metric families of a gpu-worker itself; vLLM's are those of its engines."""
    return _families(generate_latest(Page(["gemma"]).registry))


def labels_of(families):
    """Names of labels by name of sample."""
    labels = {}
    for family in families:
        for sample in family.samples:
            labels.setdefault(sample.name, set()).update(sample.labels)
    return labels


def _families(page):
    return list(text_string_to_metric_families(page.decode()))
