"""How long the worker waits between attempts."""

from streams.worker.backoff import Backoff


def test_waits_double_to_their_cap_and_vary():
    backoff = Backoff(first_s=1.0, cap_s=8.0)

    for failures, full in ((1, 1.0), (2, 2.0), (4, 8.0), (50, 8.0)):
        waits = {backoff.wait_s(failures) for _ in range(50)}
        assert full / 2 <= min(waits)
        assert max(waits) <= full
        assert len(waits) > 1


def test_a_wait_is_as_long_as_a_server_asks_for_but_not_over_the_cap():
    backoff = Backoff(first_s=1.0, cap_s=8.0)

    assert backoff.wait_s(1, at_least_s=5.0) == 5.0
    assert backoff.wait_s(1, at_least_s=3600.0) == 8.0
