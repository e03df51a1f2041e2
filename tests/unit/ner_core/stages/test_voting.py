import pytest
from support.members import sentences

from ner_core.ensemble import Ensemble
from ner_core.stages.voting import Tally, majority_of, tally, without_parts
from ner_core.types import Span, Vote

ANA = Span(0, 3)


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


def test_where_one_gives_no_probabilities_a_tie_goes_to_the_more_reliable():
    votes = [Vote("a", "person", {"person": 0.9, "group": 0.1}), Vote("b", "group")]

    assert tally(votes, {"a": 0.6, "b": 0.2}).winner == "person"
    assert tally(votes, {"a": 0.2, "b": 0.6}).winner == "group"


def test_sums_that_differ_by_rounding_alone_are_equal():
    votes = [
        Vote("a", "person", {"person": 0.7, "group": 0.1}),
        Vote("b", "group", {"person": 0.1, "group": 0.7000003}),
    ]

    assert tally(votes, {"a": 0.6, "b": 0.2}).winner == "person"
    assert tally(votes, {"a": 0.2, "b": 0.6}).winner == "group"


def test_sums_that_differ_by_more_than_rounding_decide():
    votes = [
        Vote("a", "person", {"person": 0.7, "group": 0.1}),
        Vote("b", "group", {"person": 0.1, "group": 0.700004}),
    ]

    assert tally(votes, {"a": 0.6, "b": 0.2}).winner == "group"


def test_a_type_is_as_reliable_as_the_best_of_those_who_voted_for_it():
    votes = [Vote(name, kind) for name, kind in zip("abcd", ["x", "y", "x", "y"], strict=True)]

    assert tally(votes, {"a": 0.4, "b": 0.1, "c": 0.1, "d": 0.5}).winner == "y"
    assert tally(votes, {"a": 0.5, "b": 0.1, "c": 0.1, "d": 0.4}).winner == "x"


def test_a_member_of_unknown_reliability_has_none():
    votes = [Vote("a", "person"), Vote("b", "group")]

    assert tally(votes, {"b": 0.1}).winner == "group"
    assert tally(votes, {"b": 0.0}).winner == "person"


def test_a_type_that_a_voter_gave_no_probability_has_none_from_it():
    votes = [Vote("a", "person", {"person": 0.8}), Vote("b", "person", {"group": 0.9})]

    assert tally(votes, {}).score == pytest.approx(0.4)


def test_the_score_is_that_of_the_voters_alone_with_or_without_probabilities():
    votes = [Vote("a", "person", {"person": 0.5}), Vote("b", "person"), Vote("c", None)]

    assert tally(votes, {}).score == pytest.approx(0.75)


def test_a_score_is_never_above_one():
    assert tally([Vote("a", "person", {"person": 1.0000001})], {}).score == 1.0


def test_a_type_that_wins_with_just_enough_stays():
    assert tally([Vote("a", "work", {"work": 0.5})], {}, least_score=0.5).winner == "work"


def test_an_ensemble_counts_with_its_reliabilities_and_its_least_score():
    backbones = [
        {
            "name": name,
            "style": "chat",
            "context_tokens": 100,
            "url": "http://x/v1",
            "reliability": r,
        }
        for name, r in (("a", 0.2), ("b", 0.6))
    ]
    count = majority_of(
        Ensemble.model_validate(
            {
                "name": "test",
                "verifier": "a",
                "modes": {"least_score": 0.4},
                "backbone": backbones,
                "embedder": {"name": "hashed", "url": "http://x/v1"},
            }
        )
    )

    mention = (sentences("Ada met Bo.")[0], ANA)
    assert count.tally(mention, [Vote("a", "person"), Vote("b", "group")]).winner == "group"
    assert count.tally(mention, [Vote("a", "person", {"person": 0.3})]).winner == "none"


def elected(*mentions):
    return dict.fromkeys(mentions, Tally("person", {"person": 1}, 1.0))


def test_a_part_of_a_longer_mention_that_is_also_apart_in_the_document_is_no_second_mention():
    first, second = sentences("Ana Kern sat by Ana.", "Ana Kern left.")
    whole, parts = [(first, Span(0, 8)), (second, Span(0, 8))], [(first, ANA), (second, ANA)]
    apart = (first, Span(16, 19))

    assert list(without_parts(elected(*whole, *parts, apart))) == [*whole, apart]
    assert list(without_parts(elected(apart, *parts[1:], *whole))) == [apart, *whole]


def test_a_part_that_is_nowhere_apart_was_listed_for_its_own_sake():
    (sentence,) = sentences("The University of Varna is old.")
    both = elected((sentence, Span(4, 23)), (sentence, Span(18, 23)))

    assert without_parts(both) == both


@pytest.mark.parametrize(
    ("kind", "whole", "part"),
    [
        ("location", "The Islamic Republic of Iran", "Islamic Republic of Iran"),
        ("organization", "HDT Védelmi Ipari Kft.", "HDT Védelmi Ipari Kft"),
        ("organization", "Evergreen Solar, Inc.", "Evergreen Solar"),
        ("person", "Martin Luther King Jr.", "Martin Luther King Jr"),
    ],
)
def test_one_name_with_and_without_its_article_or_period_is_one_mention(kind, whole, part):
    (sentence,) = sentences(f"{whole} is here.")
    at = whole.index(part)
    spans = Span(0, len(whole)), Span(at, at + len(part))
    mentions = {(sentence, span): Tally(kind, {kind: 1}, 1.0) for span in spans}

    assert list(without_parts(mentions)) == [(sentence, spans[0])]
    mentions[sentence, spans[1]] = Tally("misc", {"misc": 1}, 1.0)
    assert without_parts(mentions) == mentions


@pytest.mark.parametrize(
    ("kind", "whole", "part"),
    [
        ("person", "US President Ana Kern", "Ana Kern"),
        ("organization", "World Health Organization (WHO)", "World Health Organization"),
        ("location", "Oslo, Norway", "Oslo"),
    ],
)
def test_a_name_inside_more_than_its_article_or_period_is_kept(kind, whole, part):
    (sentence,) = sentences(f"{whole} is here.")
    at = whole.index(part)
    spans = Span(0, len(whole)), Span(at, at + len(part))
    mentions = {(sentence, span): Tally(kind, {kind: 1}, 1.0) for span in spans}

    assert without_parts(mentions) == mentions


def test_mentions_that_only_overlap_are_both_kept():
    (sentence,) = sentences("Ana Kern Falk met Ana Kern.")
    mentions = elected((sentence, Span(0, 8)), (sentence, Span(4, 13)), (sentence, Span(18, 26)))

    assert without_parts(mentions) == mentions
