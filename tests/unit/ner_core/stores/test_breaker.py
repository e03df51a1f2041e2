"""What has just failed is not asked again for a while."""

from support.clock import Clock

from ner_core.stores.breaker import Breaker


def test_a_closed_breaker_lets_every_call_go():
    breaker = Breaker(retry_after_s=2, clock=Clock())

    assert breaker.allows()
    assert breaker.allows()


def test_after_a_failure_nothing_goes_until_the_wait_is_over():
    clock = Clock()
    breaker = Breaker(retry_after_s=2, clock=clock)
    breaker.failed()
    clock.now = 1.9

    assert breaker.is_open
    assert not breaker.allows()

    clock.now = 2.0
    assert breaker.allows()


def test_only_one_call_tries_while_the_breaker_is_open():
    clock = Clock()
    breaker = Breaker(retry_after_s=2, clock=clock)
    breaker.failed()
    clock.now = 2.0

    assert [breaker.allows(), breaker.allows()] == [True, False]


def test_a_trial_that_succeeds_closes_it():
    clock = Clock()
    breaker = Breaker(retry_after_s=2, clock=clock)
    breaker.failed()
    clock.now = 2.0
    breaker.allows()
    breaker.succeeded()

    assert not breaker.is_open
    assert breaker.allows()


def test_a_trial_that_fails_opens_it_for_another_wait():
    clock = Clock()
    breaker = Breaker(retry_after_s=2, clock=clock)
    breaker.failed()
    clock.now = 2.0
    breaker.allows()
    breaker.failed()
    clock.now = 3.9

    assert not breaker.allows()
