"""One name has one type in a document, unless the votes are sure of two."""

import pytest
from pydantic import ValidationError
from support.consistency import elected, votes
from support.pipelines import ensemble, pipeline

from ner_core.modes import Consistency
from ner_core.ports import Answer
from ner_core.testing import RuleEngine
from ner_core.types import Document, Sentence, Span, Vote

SURE = {"organization": 0.9, "person": 0.1}
UNSURE = {"person": 0.55, "organization": 0.45}
SURE_OF_ANOTHER = {"person": 0.9, "organization": 0.1}


def test_an_unsure_mention_takes_the_type_that_its_name_surely_has():
    types, journal, scores = elected(votes(("Delta", SURE), ("Delta", UNSURE), ("DELTA", SURE)))

    assert types == ["organization"] * 3
    [notice] = journal.notices
    assert (notice.code, notice.sentence) == ("relabeled", 1)
    assert notice.detail == "'Delta': person, in this document organization"
    assert scores[1] == pytest.approx((0.9 + 0.45 + 0.9) / 3)


def test_a_sure_mention_keeps_its_own_type():
    types, journal, _ = elected(votes(*[("Delta", SURE)] * 3, ("Delta", SURE_OF_ANOTHER)))

    assert types == ["organization"] * 3 + ["person"]
    assert journal.notices == []


def test_a_name_that_is_not_sure_of_a_type_changes_nothing():
    half = {"organization": 0.52, "person": 0.48}

    assert elected(votes(("Delta", half), ("Delta", UNSURE)))[0] == ["organization", "person"]


def test_both_thresholds_decide():
    cast = votes(("Delta", SURE), ("Delta", UNSURE), ("Delta", SURE))
    as_before = ["organization", "person", "organization"]

    assert elected(cast, Consistency(own_margin_nats=0.1))[0] == as_before
    assert elected(cast, Consistency(group_margin_nats=4.5))[0] == as_before


def test_a_mention_that_lost_to_none_may_be_a_name_after_all_and_the_reverse():
    nearly = {"none": 0.5, "organization": 0.45}
    no_name, hardly = {"none": 0.9, "organization": 0.1}, {"organization": 0.5, "none": 0.4}

    assert (
        elected(votes(("Delta", SURE), ("Delta", nearly), ("Delta", SURE)))[0]
        == ["organization"] * 3
    )
    assert (
        elected(votes(("Delta", no_name), ("Delta", hardly), ("Delta", no_name)))[0] == [None] * 3
    )


def test_a_last_name_takes_the_type_of_the_person_who_has_it():
    person = {"person": 0.95, "organization": 0.05}
    types, *_ = elected(votes(("Ada Kern", person), ("Kern", {"organization": 0.5, "person": 0.4})))

    assert types == ["person", "person"]


def test_a_last_name_that_several_persons_have_is_that_of_a_person():
    person = {"person": 0.95, "location": 0.05}
    torn = {"location": 0.55, "person": 0.35}
    types, *_ = elected(votes(("Ada Kern", person), ("Bo Kern", person), ("Kern", torn)))

    assert types == ["person"] * 3


def test_a_name_that_decides_for_itself_needs_no_namesakes():
    person = {"person": 0.97, "organization": 0.03}
    torn = {"organization": 0.6, "person": 0.36}
    sure = {"organization": 0.95, "person": 0.05}
    fords = [("Henry Ford", person), ("Edsel Ford", person), ("Edsel Ford", person)]

    assert elected(votes(*fords, ("Ford", torn), ("Ford", sure)))[0][3:] == ["organization"] * 2


def test_a_place_is_no_person_because_persons_are_called_so():
    person, place = {"person": 0.95}, {"location": 0.9, "person": 0.1}
    types, *_ = elected(votes(("Ada Jackson", person), ("Bo Jackson", person), ("Jackson", place)))

    assert types == ["person", "person", "location"]


def test_a_first_name_or_what_follows_of_is_no_last_name():
    person, torn = {"person": 0.95}, {"location": 0.55, "person": 0.35}
    cast = votes(("Ada Kern", person), ("Ada Bo", person), ("Ada", torn))
    kings = votes(("King of Athens", person), ("Lord of Athens", person), ("Athens", torn))

    assert elected(cast)[0] == elected(kings)[0] == ["person", "person", "location"]


def test_a_name_that_occurs_once_keeps_what_the_vote_gave_it():
    cast = votes(("Delta", UNSURE))
    [mention] = cast
    cast[mention] = (
        Vote("a", "person", {"person": 0.51, "organization": 0.49}),
        Vote("b", "person", {"person": 0.51, "organization": 0.49}),
        Vote("c", "organization", {"organization": 1.0}),
    )

    assert elected(cast)[0] == ["person"]


def test_members_without_probabilities_count_as_they_voted():
    cast = votes(("Delta", SURE), ("Delta", UNSURE), ("Delta", SURE))
    cast = {m: (Vote("a", v[0].type), Vote("b", "organization")) for m, v in cast.items()}

    assert elected(cast)[0] == ["organization"] * 3


@pytest.mark.parametrize("field", ["own_margin_nats", "group_margin_nats"])
def test_a_margin_below_zero_is_refused(field):
    with pytest.raises(ValidationError, match=field):
        ensemble("a", consistency={field: -1})


class Shy(RuleEngine):
    """Extracts names in the first two sentences alone; takes every name for a person."""

    def _answer(self, request):
        if request.choices:
            return Answer("person", probabilities={"person": 1.0})
        if "ferry" in str(request.prompt).rsplit("Text:", 1)[-1]:
            return Answer(" {}")
        return super()._answer(request)


TEXT = "Ada Kern came.\nSoon, Ada Kern left.\nA ferry took Ada Kern and Bo home."


async def tagged(**modes):
    engine = Shy("a")
    document = Document("x", TEXT)
    return engine, await (await pipeline(engine, verify="off", **modes)).tag(document)


async def test_a_name_that_was_accepted_twice_is_proposed_where_nobody_saw_it():
    off, without = await tagged()
    on, with_it = await tagged(consistency={})

    assert [e.text for e in without.entities] == ["Ada Kern", "Soon", "Ada Kern"]
    assert [e.text for e in with_it.entities] == ["Ada Kern", "Soon", "Ada Kern", "Ada Kern"]
    assert with_it.entities[3].span.start == TEXT.rindex("Ada Kern")
    assert [r for r in on.asked if r not in off.asked] == on.asked[-1:], "one question more"


async def test_a_name_that_was_accepted_once_is_not_proposed():
    engine = Shy("a")
    document = Document("x", TEXT.split("\n", 1)[1])
    result = await (await pipeline(engine, verify="off", consistency={})).tag(document)

    assert [e.text for e in result.entities] == ["Soon", "Ada Kern"]


async def test_it_is_off_by_default_and_then_in_no_fingerprint():
    on, off = await pipeline(Shy("a"), consistency={}), await pipeline(Shy("a"))

    assert off.ensemble.modes.consistency is None
    assert "consistency" not in off.ensemble.modes.model_dump()
    assert on.fingerprint("news") != off.fingerprint("news")


WEAK = {"person": 0.39, "organization": 0.13, "location": 0.13, "none": 0.12}


def test_a_type_below_the_least_score_does_not_come_back_by_its_name():
    named_twice = votes(("Kern", WEAK), ("Kern", WEAK), ("Kern", WEAK))

    types, journal, _ = elected(named_twice, least_score=0.4)

    assert types == [None] * 3
    assert journal.notices == []


def test_a_place_seen_in_two_windows_is_no_evidence_for_itself():
    first = Sentence("text", 0, 0, "Delta is here.")
    second = Sentence("text", 1, 0, "Delta is here. And more.", continued=True)
    cast = {
        (first, Span(0, 5)): (Vote("a", "organization", {"organization": 0.95, "person": 0.05}),),
        (second, Span(0, 5)): (Vote("a", "person", UNSURE),),
    }

    types, journal, _ = elected(cast)

    assert types == ["organization", "person"]
    assert journal.notices == []


def test_one_answer_for_all_mentions_of_a_sentence_counts_once():
    sentence = Sentence("text", 0, 0, "Ana " * 9)
    cast = {
        (sentence, Span(4 * n, 4 * n + 3)): (
            Vote("a", "person", {"person": 0.395, "location": 0.305}),
        )
        for n in range(9)
    }
    other = Sentence("text", 1, 50, "Ana is here.")
    cast[other, Span(0, 3)] = (Vote("a", "location", {"person": 0.45, "location": 0.55}),)

    types, _, _ = elected(cast)

    assert types == ["person"] * 9 + ["location"]
