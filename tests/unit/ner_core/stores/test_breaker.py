"""What keeps failing is not asked again for a while."""

import pytest
from support.clock import Clock

from ner_core.stores.breaker import Breaker


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return Breaker("reads", clock=clock)


def fail(breaker, clock, *times):
    for clock.now in times:
        breaker.failed()


def test_a_closed_breaker_lets_every_call_go(breaker):
    assert [breaker.allows(), breaker.allows()] == [True, True]
    assert not breaker.is_open
    assert breaker.name == "reads"


def test_two_failures_in_a_row_are_forgiven(breaker, clock):
    fail(breaker, clock, 0, 0)

    assert breaker.allows()
    assert not breaker.is_open


def test_after_three_failures_in_a_row_nothing_goes_for_two_seconds(breaker, clock):
    fail(breaker, clock, 0, 4, 10)

    assert breaker.is_open
    clock.now = 11.99
    assert not breaker.allows()
    clock.now = 12.0
    assert breaker.allows()


def test_three_failures_that_are_far_apart_open_nothing(breaker, clock):
    fail(breaker, clock, 0, 4, 10.01)

    assert not breaker.is_open


def test_the_last_three_failures_count(breaker, clock):
    fail(breaker, clock, 0, 20, 21, 22)

    assert breaker.is_open


def test_a_success_makes_the_failures_before_it_forgotten(breaker, clock):
    fail(breaker, clock, 0, 0)
    breaker.succeeded()
    fail(breaker, clock, 0, 0)
    assert not breaker.is_open

    fail(breaker, clock, 0)
    assert breaker.is_open


def test_only_one_call_tries_while_the_breaker_is_open(breaker, clock):
    fail(breaker, clock, 0, 0, 0)
    clock.now = 2.0

    assert [breaker.allows(), breaker.allows()] == [True, False]
    assert breaker.is_open


def test_a_trial_that_nobody_judges_is_followed_by_another(breaker, clock):
    fail(breaker, clock, 0, 0, 0)
    clock.now = 2.0
    breaker.allows()
    clock.now = 4.0

    assert breaker.allows()


def test_a_trial_that_succeeds_closes_it(breaker, clock):
    fail(breaker, clock, 0, 0, 0)
    clock.now = 2.0
    breaker.allows()
    breaker.succeeded()

    assert not breaker.is_open
    assert [breaker.allows(), breaker.allows()] == [True, True]


def test_a_trial_that_fails_opens_it_for_another_wait(breaker, clock):
    fail(breaker, clock, 0, 0, 0)
    clock.now = 2.0
    breaker.allows()
    fail(breaker, clock, 2.3)
    clock.now = 4.2
    assert not breaker.allows()

    clock.now = 4.3
    assert breaker.allows()


def test_a_trial_that_fails_late_opens_it_still(breaker, clock):
    fail(breaker, clock, 0, 0, 0)
    clock.now = 60
    breaker.allows()
    fail(breaker, clock, 60)

    assert not breaker.allows()
