"""Gauges of a worker show what it reads now, and nothing that it has lost."""

from streams.worker.metrics import Behind, Metrics


def test_the_lag_of_a_lost_partition_is_gone():
    metrics = Metrics()
    metrics.show_lag({("documents", 0): Behind(7, 1.5), ("documents", 1): Behind(9, 2.5)})

    metrics.show_lag({("documents", 1): Behind(3, None)})

    lines = [x for x in metrics.exposition().decode().splitlines() if x.startswith("tagwire_lag{")]
    assert lines == ['tagwire_lag{partition="1",topic="documents"} 3.0']
