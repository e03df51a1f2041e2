"""From elected mentions and the verifier's verdicts to the entities of a document."""

import time
from dataclasses import replace

import pytest

from ner_core.stages.entities import entities_of
from ner_core.stages.verification import UNASKED, Verdict
from ner_core.stages.voting import Tally
from ner_core.types import Entity, Sentence, Span

TEXT = "Ada Kern left Varna."
SENTENCE = Sentence("text", 3, 100, TEXT)
ADA, VARNA = (SENTENCE, Span(0, 8)), (SENTENCE, Span(14, 19))
PERSON = Tally("person", {"person": 2, "none": 1}, 0.75)


def test_an_entity_has_the_offsets_of_its_field_and_what_the_vote_made_of_it():
    tally = Tally("location", {"location": 2, "none": 1}, 0.75)

    assert entities_of({VARNA: tally}, {VARNA: Verdict(verified=True, yes=0.5)}) == [
        Entity(
            "text",
            Span(114, 119),
            "Varna",
            "location",
            0.375,
            verified=True,
            votes={"location": 2, "none": 1},
        )
    ]


def test_what_the_verifier_rejects_is_no_entity_and_all_others_are():
    elected = {ADA: PERSON, VARNA: PERSON}
    verdicts = {ADA: Verdict(verified=False, yes=0.25), VARNA: UNASKED}

    [entity] = entities_of(elected, verdicts)

    assert (entity.text, entity.verified, entity.score) == ("Varna", None, 0.75)


def test_a_verdict_on_what_a_stack_elected_is_stated_and_decides_nothing():
    verdicts = {ADA: Verdict(verified=False, yes=0.25), VARNA: Verdict(verified=True, yes=0.5)}

    found = entities_of(dict.fromkeys(verdicts, replace(PERSON, weighed=True)), verdicts)

    assert [(e.text, e.verified, e.score) for e in found] == [
        ("Ada Kern", False, 0.75),
        ("Varna", True, 0.75),
    ]


@pytest.mark.parametrize(("first", "second"), [(0.5, 0.75), (0.75, 0.5)])
def test_one_that_was_found_in_two_windows_keeps_the_higher_score(first, second):
    window = Sentence("text", 4, 104, TEXT[4:])
    elected = {
        VARNA: Tally("location", {"location": 1}, first),
        (window, Span(10, 15)): Tally("location", {"location": 2}, second),
    }

    [entity] = entities_of(elected, dict.fromkeys(elected, UNASKED))

    assert (entity.span, entity.score) == (Span(114, 119), 0.75)
    assert entity.votes == {"location": 1 if first > second else 2}


def test_one_that_differs_in_field_or_place_is_another():
    title = Sentence("title", 0, 100, TEXT)
    location = Tally("location", {"location": 1}, 0.5)
    elected = {VARNA: location, (title, VARNA[1]): location, ADA: location}

    entities = entities_of(elected, dict.fromkeys(elected, UNASKED))

    assert [(e.field, e.span.start, e.type) for e in entities] == [
        ("text", 114, "location"),
        ("title", 114, "location"),
        ("text", 100, "location"),
    ]


@pytest.mark.parametrize(("first", "second"), [("person", "location"), ("location", "person")])
@pytest.mark.parametrize(("score", "other"), [(0.5, 0.75), (0.75, 0.5)])
def test_two_windows_that_disagree_about_a_type_give_one_entity(first, second, score, other):
    window = Sentence("text", 4, 104, TEXT[4:])
    elected = {
        VARNA: Tally(first, {first: 1}, score),
        (window, Span(10, 15)): Tally(second, {second: 1}, other),
    }

    [entity] = entities_of(elected, dict.fromkeys(elected, UNASKED))

    assert (entity.type, entity.score) == (first if score > other else second, 0.75)


@pytest.mark.parametrize(("score", "other", "text"), [(0.5, 0.75, "Kern"), (0.5, 0.5, "Ada Kern")])
def test_two_windows_that_disagree_about_where_a_name_begins_give_one_entity(score, other, text):
    window = Sentence("text", 4, 104, TEXT[4:])
    elected = {
        ADA: Tally("person", {"person": 1}, score),
        (window, Span(0, 4)): Tally("person", {"person": 1}, other),
    }

    [entity] = entities_of(elected, dict.fromkeys(elected, UNASKED))

    assert entity.text == text


def test_names_inside_names_that_one_window_found_are_both_kept():
    window = Sentence("text", 4, 100, TEXT)
    inner = Span(4, 8)
    elected = dict.fromkeys([ADA, (SENTENCE, inner), (window, ADA[1])], PERSON)

    entities = entities_of(elected, dict.fromkeys(elected, UNASKED))

    assert {e.text for e in entities} == {"Ada Kern", "Kern"}


@pytest.mark.timed
def test_many_entities_take_no_time():
    windows = [Sentence("text", n, 10 * n, TEXT) for n in range(20_000)]
    elected = {(window, Span(0, 8)): PERSON for window in windows}
    verdicts = dict.fromkeys(elected, UNASKED)
    began = time.process_time()

    assert len(entities_of(elected, verdicts)) == 20_000
    assert time.process_time() - began < 5
