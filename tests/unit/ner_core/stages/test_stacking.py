"""A stack elects: the members' probabilities and what they wrote, weighed to P(right)."""

import pytest

from ner_core.labels import EntityType, LabelSet
from ner_core.stack import Stack
from ner_core.stages.extraction import Extraction
from ner_core.stages.stacking import evidence, mean_probabilities, ranked, stacked
from ner_core.stages.voting import elect
from ner_core.types import Sentence, Span, Vote

LABELS = LabelSet("two", tuple(EntityType(kind, kind, kind) for kind in ("loc", "org")))
SENTENCE = Sentence(index=0, field="text", start=0, text="Ada met Bo.")
ADA, BO = (SENTENCE, Span(0, 3)), (SENTENCE, Span(8, 10))
AGREED = (
    Vote("a", "loc", {"loc": 0.9, "org": 0.1}),
    Vote("b", "loc", {"loc": 0.7, "org": 0.2, "none": 0.1}),
)
SPLIT = (Vote("a", "loc", {"loc": 0.6, "org": 0.4}), Vote("b", "none", {"none": 0.9, "org": 0.1}))


def test_the_mean_is_over_members_that_vote():
    cast = (*AGREED, Vote("c", None))

    means = mean_probabilities(cast)

    assert means == pytest.approx({"loc": 0.8, "org": 0.15, "none": 0.05})
    assert list(means) == ["loc", "org", "none"]


def test_a_vote_without_probabilities_counts_as_one():
    assert mean_probabilities((Vote("a", "loc"), Vote("b", "org"))) == {"loc": 0.5, "org": 0.5}


def test_none_is_no_type_to_rank():
    assert ranked(SPLIT) == ["loc", "org"]


def test_agreement_and_what_was_written_speak_for_a_type():
    first = evidence(AGREED, {"a": "loc"}, "loc", 0.3)
    second = evidence(AGREED, {"a": "loc"}, "org", 0.3)

    assert first["agree"] == 1.0
    assert second["agree"] == 0.0
    assert first["margin"] > 0 > second["margin"]
    assert (first["a wrote"], second["a wrote"]) == (1.0, 0.0)
    assert (first["a extracted"], first["b extracted"]) == (1.0, 0.0)


def elected(votes, stack, proposals=None, empty_share=0.0):
    extraction = Extraction(proposals or {}, {0: tuple(span for _, span in votes)})
    return elect(votes, stacked(stack, extraction, LABELS, empty_share))


def test_the_more_probable_type_wins_with_its_probability_as_the_score():
    stack = Stack(intercept=0.0, weights={"mean": 1.0})

    tally = elected({ADA: AGREED}, stack)[ADA]

    assert tally.winner == "loc"
    assert tally.score == pytest.approx(0.8)
    assert tally.votes == {"loc": 2}


def test_a_mention_below_the_least_probability_is_no_entity():
    stack = Stack(intercept=0.0, weights={"mean": 1.0}, least=0.75)

    assert list(elected({ADA: AGREED, BO: SPLIT}, stack)) == [ADA]


def test_what_a_member_wrote_can_turn_the_vote():
    written = {"a": {0: ((ADA[1], "org"),)}}
    stack = Stack(intercept=0.0, weights={"mean": 1.0, "a wrote": 9.0})

    assert elected({ADA: AGREED}, stack)[ADA].winner == "loc"
    assert elected({ADA: AGREED}, stack, written)[ADA].winner == "org"


def test_what_was_written_of_another_mention_counts_for_nothing():
    written = {"a": {0: ((BO[1], "org"),)}}
    stack = Stack(intercept=0.0, weights={"mean": 1.0, "a wrote": 9.0})

    assert elected({ADA: AGREED}, stack, written)[ADA].winner == "loc"


def test_a_pool_of_empty_demonstrations_speaks_against_an_entity():
    stack = Stack(intercept=0.0, weights={"mean": 1.0, "empty": -2.0})

    assert elected({ADA: AGREED}, stack, empty_share=0.2)
    assert not elected({ADA: AGREED}, stack, empty_share=0.9)


def test_nothing_is_elected_if_all_abstain_or_vote_none():
    stack = Stack(intercept=9.0, weights={})

    assert not elected({ADA: (Vote("a", None),), BO: (Vote("a", "none", {"none": 1.0}),)}, stack)


def test_a_unanimous_none_without_probabilities_is_a_vote_for_none():
    count = stacked(Stack(intercept=9.0, weights={}), Extraction({}, {}), LABELS, 0.0)

    assert count.tally(ADA, (Vote("a", "none"), Vote("b", "none"))).winner == "none"
    assert count.tally(ADA, (Vote("a", None),)) is None


def test_a_type_that_cannot_win_alone_cannot_win_by_its_name():
    count = stacked(Stack(intercept=9.0, weights={}), Extraction({}, {}), LABELS, 0.0)

    found = count.probabilities(ADA, AGREED, ("loc", "org", "event", "none"))

    assert found["event"] == 0.0 < found["org"]


def test_none_ties_with_a_type_at_the_threshold():
    stack = Stack(intercept=0.0, weights={"mean": 1.0}, least=0.8)
    count = stacked(stack, Extraction({}, {}), LABELS, 0.0)

    found = count.probabilities(ADA, AGREED, ("loc", "org", "none"))

    assert found == pytest.approx({"loc": 0.8, "org": 0.15, "none": 0.8})


def test_evidence_without_a_weight_counts_for_nothing():
    stack = Stack(intercept=0.0, weights={"agree": 1.0})

    assert stack.of({"agree": 0.0, "other": 5.0}) == 0.5
