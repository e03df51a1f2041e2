import pytest

from ner_core.stages.voting import tally
from ner_core.types import Vote


def test_the_majority_wins():
    counted = tally([Vote("a", "person"), Vote("b", "person"), Vote("c", "none")], {})

    assert counted.winner == "person"
    assert counted.votes == {"person": 2, "none": 1}
    assert counted.score == pytest.approx(2 / 3)
    assert not counted.unanimous


def test_who_abstains_does_not_vote():
    counted = tally([Vote("a", None), Vote("b", "event")], {})

    assert counted.winner == "event"
    assert counted.unanimous
    assert counted.score == 1


def test_nobody_voting_has_no_outcome():
    assert tally([Vote("a", None)], {}) is None


def test_none_is_an_option_like_any_other():
    assert tally([Vote("a", "none"), Vote("b", "none"), Vote("c", "work")], {}).winner == "none"


def test_a_tie_goes_to_the_larger_summed_probability():
    votes = [
        Vote("a", "person", {"person": 0.5, "group": 0.4}),
        Vote("b", "group", {"group": 0.9, "person": 0.1}),
    ]

    assert tally(votes, {"a": 0.9}).winner == "group"
    assert tally(votes, {}).score == pytest.approx(0.65)


def test_without_probabilities_a_tie_goes_to_the_more_reliable():
    votes = [Vote("a", "person"), Vote("b", "group")]

    assert tally(votes, {"a": 0.2, "b": 0.6}).winner == "group"


def test_a_type_that_wins_with_too_little_gives_way_to_none():
    votes = [
        Vote("a", "work", {"work": 0.5, "event": 0.2, "none": 0.3}),
        Vote("b", "event", {"work": 0.2, "event": 0.5, "none": 0.3}),
    ]

    assert tally(votes, {}, least_score=0.3).winner == "work"
    counted = tally(votes, {}, least_score=0.4)
    assert counted.winner == "none"
    assert counted.score == pytest.approx(0.3)


def test_a_last_tie_goes_to_the_order_of_the_file():
    assert tally([Vote("a", "person"), Vote("b", "group")], {}).winner == "person"
