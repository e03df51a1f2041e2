"""Gauges of a worker show what it reads now, and nothing that it has lost."""

from streams.worker.metrics import Metrics


def test_the_lag_of_a_lost_partition_is_gone():
    metrics = Metrics()
    metrics.show_lag({("documents", 0): 7, ("documents", 1): 9})

    metrics.show_lag({("documents", 1): 3})

    lines = [x for x in metrics.exposition().decode().splitlines() if x.startswith("tagwire_lag{")]
    assert lines == ['tagwire_lag{partition="1",topic="documents"} 3.0']
