"""What the checker says of an engine that was restarted, or was not."""

import pytest
from chaos.engine_checks import FROZEN, engines_are_restarted_only_if_they_hang_or_end
from chaos.facts import facts_of


def judged(*events):
    """The line on a history of events with their times."""
    run = {"at": 0.0, "event": "run"}
    told = [{"at": at, "event": name, **fields} for at, name, fields in events]
    return engines_are_restarted_only_if_they_hang_or_end(facts_of([run, *told]))


def struck(at, kind, *, ends_engine, number=0):
    fields = {"number": number, "kind": kind, "in_flight": 3, "ends_engine": ends_engine}
    return (at, "fault", {**fields, "evicts": 0})


def restarted(at):
    return (at, "engine", {"what": "restarting", "why": "no answer", "restarts": 0})


def healed(at, number=0):
    return (at, "healed", {"number": number})


def test_an_engine_that_was_killed_may_be_restarted():
    line = judged(struck(1, "engine killed", ends_engine=True), restarted(2), healed(4))

    assert line.kept
    assert line.figures.startswith("1 restarts, 0 needless")


@pytest.mark.parametrize(
    "before",
    [[], [struck(1, "engine saturated", ends_engine=False)]],
    ids=["no fault", "an engine that is saturated"],
)
def test_a_restart_without_cause_is_seen(before):
    line = judged(*before, restarted(20))

    assert not line.kept
    assert "needless" in line.figures


def test_a_restart_long_after_the_end_of_its_cause_is_needless():
    assert not judged(struck(1, "engine killed", ends_engine=True), healed(2), restarted(90)).kept


@pytest.mark.parametrize(("found_at", "kept"), [(30, True), (32, False), (None, False)])
def test_a_frozen_engine_is_to_be_found_within_30_s(found_at, kept):
    frozen = struck(1, FROZEN, ends_engine=True)

    assert judged(frozen, *([restarted(found_at)] if found_at else [])).kept is kept
