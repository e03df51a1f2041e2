"""Figures of the last minute, from what a worker counts."""

import pytest

from ner_core.types import StageCounts
from streams.dashboard.figures import LastMinute, counts_of
from streams.host.exposition import merged
from streams.worker.metrics import Metrics


def worked(metrics, seconds, **counts):
    metrics.documents.labels("entities").inc()
    metrics.latency.observe(seconds)
    metrics.count_stages({("extract", "gemma"): StageCounts(**counts)})


def minute(metrics, *steps):
    found = LastMinute()
    for at_s, step in steps:
        step()
        found.add(counts_of(metrics.exposition().decode(), at_s))
    return found.figures()


def test_before_a_second_look_no_rate_is_known():
    figures = minute(Metrics(), (0.0, lambda: None))

    assert (figures["documents_per_s"], figures["mean_s"], figures["p95_s"]) == (None, None, None)
    assert (figures["cache_hits"], figures["ended"]) == (None, 0)


def test_rates_and_shares_are_those_between_the_looks():
    metrics = Metrics()
    worked(metrics, 500.0, requests=1000)

    def work():
        for _ in range(4):
            worked(
                metrics, 2.0, requests=10, cache_hits=4, prompt_tokens=90, cached_tokens=45,
                completion_tokens=10,
            )  # fmt: skip

    figures = minute(metrics, (0.0, lambda: None), (8.0, work))

    assert figures["documents_per_s"] == pytest.approx(0.5)
    assert figures["mean_s"] == pytest.approx(2.0)
    assert figures["p95_s"] == 2.5
    assert figures["cache_hits"] == pytest.approx(0.4)
    assert figures["tokens_per_s"] == pytest.approx(50)
    assert figures["cached_tokens"] == pytest.approx(0.5)
    assert (figures["ended"], figures["totals"]["requests"]) == (5, 1040)


def test_what_is_older_than_a_minute_does_not_count():
    metrics = Metrics()
    looks = [(0.0, lambda: worked(metrics, 1)), (61.0, lambda: None), (62.0, lambda: None)]

    assert minute(metrics, *looks)["documents_per_s"] == 0


def test_a_worker_that_was_restarted_begins_again():
    before, after, found = Metrics(), Metrics(), LastMinute()
    worked(before, 1.0)
    worked(before, 1.0)
    worked(after, 1.0)
    for at_s, metrics in ((0.0, before), (2.0, after)):
        found.add(counts_of(metrics.exposition().decode(), at_s))

    assert found.figures()["ended"] == 1
    assert found.figures()["documents_per_s"] is None


def test_over_the_last_bucket_no_bound_is_named():
    metrics = Metrics()
    looks = [(0.0, lambda: None), (2.0, lambda: worked(metrics, 9999))]

    assert minute(metrics, *looks)["p95_s"] is None


def test_what_is_no_page_of_metrics_is_an_error():
    with pytest.raises(ValueError, match="float"):
        counts_of("tagwire_lag{ x", 0.0)


def look(found, at_s, **workers):
    """Take in the one page of several workers, each with its metrics."""
    pages = {name: metrics.exposition().decode() for name, metrics in workers.items()}
    found.add(counts_of(merged(pages, "worker"), at_s))


def test_several_workers_on_one_page_are_added():
    one, two, found = Metrics(), Metrics(), LastMinute()
    look(found, 0.0, one=one, two=two)
    for metrics, seconds, in_flight in ((one, 6.0, 3), (two, 2.0, 4)):
        worked(metrics, seconds)
        metrics.in_flight.set(in_flight)
    look(found, 2.0, one=one, two=two)

    assert found.figures()["mean_s"] == pytest.approx(4.0)
    assert found.figures()["in_flight"] == 7


def test_one_of_several_workers_that_was_restarted_begins_the_minute_again():
    one, two, found = Metrics(), Metrics(), LastMinute()
    worked(one, 1.0)
    look(found, 0.0, one=one, two=two)
    for _ in range(5):
        worked(two, 1.0)
    look(found, 2.0, one=Metrics(), two=two)

    assert found.figures()["documents_per_s"] is None


@pytest.mark.parametrize(("before", "after"), [("one two", "two"), ("two", "one two")])
def test_a_worker_that_leaves_or_joins_the_page_begins_the_minute_again(before, after):
    workers, found = {"one": Metrics(), "two": Metrics()}, LastMinute()
    worked(workers["one"], 1.0)
    look(found, 0.0, **{name: workers[name] for name in before.split()})
    for _ in range(5):
        worked(workers["two"], 1.0)
    look(found, 2.0, **{name: workers[name] for name in after.split()})

    assert found.figures()["documents_per_s"] is None


@pytest.mark.parametrize(
    "page",
    [
        'tagwire_documents_total{outcome="entities"} +Inf\n',
        'tagwire_documents_total{outcome="entities"} NaN\n',
        "tagwire_document_seconds_sum +Inf\n",
        "tagwire_documents_total 1\n",
    ],
)
def test_counters_that_no_worker_has_are_an_error(page):
    with pytest.raises(ValueError, match="tagwire_document"):
        counts_of(page, 0.0)
