"""Questions for a verifier: a marked span, two types, and the true answer."""

from dataclasses import replace
from itertools import islice

import pytest

from ner_core.evaluation.cases import cases_of
from ner_core.evaluation.corpora import read_corpus
from ner_core.labels import EntityType, LabelSet, load_label_set
from ner_core.types import Demonstration, Span, TypedSpan
from training.questions import BORDERS, FIRST, NEITHER, SECOND, MadeQuestions, Question, about
from training.sources import SETS

PERSON, PLACE = EntityType("per", "person", "a named human"), EntityType("loc", "location", "")
COMPANY = EntityType("org", "organization", "")
LABELS = LabelSet("small", (PERSON, PLACE, COMPANY))
TEXT = "Ada Kern left Varna for Lindholm Bank."
GOLD = frozenset({(0, 8, "per"), (14, 19, "loc"), (24, 37, "org")})
SENTENCE = Demonstration(
    "s", TEXT, tuple(TypedSpan(Span(s, e), kind) for s, e, kind in sorted(GOLD)), "uner"
)


def asked(start, end, first, second):
    cast = {"a": {"type": first, "probabilities": {first: 0.7, second: 0.3}}}
    (case,) = cases_of([{"extracted": {}, "votes": [[start, end, cast]]}], GOLD, LABELS)
    return about(case, TEXT, LABELS)


def made(number=400, seed=0):
    questions = MadeQuestions({"uner": [SENTENCE]}, {"per": "a named human"}, seed)
    return list(islice(questions, number))


def test_a_question_shows_both_types_with_their_definitions_and_marks_the_span():
    question = asked(0, 8, "per", "loc")

    assert question.types == "A: person, a named human; B: location"
    assert question.marked == "« Ada Kern » left Varna for Lindholm Bank."


def test_only_what_is_near_is_shown_of_a_long_text():
    text = "x " * 500 + "Varna" + " y" * 500
    question = Question(text, Span(1000, 1005), PLACE, PERSON, FIRST)

    assert len(question.marked) < 300
    assert "« Varna »" in question.marked


@pytest.mark.parametrize(
    ("start", "end", "first", "second", "answer"),
    [
        (14, 19, "loc", "org", FIRST),
        (14, 19, "org", "loc", SECOND),
        (14, 19, "per", "org", NEITHER),
        (24, 32, "org", "loc", BORDERS),
        (9, 13, "loc", "org", NEITHER),
    ],
)
def test_the_answer_is_what_the_span_is_in_truth(start, end, first, second, answer):
    assert asked(start, end, first, second).answer == answer


@pytest.mark.parametrize(
    ("answer", "turned"), [(FIRST, SECOND), (SECOND, FIRST), (BORDERS, BORDERS)]
)
def test_with_its_types_turned_a_question_has_the_same_truth(answer, turned):
    question = replace(asked(14, 19, "loc", "org"), answer=answer)

    assert question.turned.answer == turned
    assert question.turned.types.startswith("A: organization")
    assert question.turned.turned == question


def test_made_questions_have_every_answer():
    assert {question.answer for question in made()} == {FIRST, SECOND, BORDERS, NEITHER}


def test_made_questions_are_about_names_of_the_type_that_is_said_to_be_right():
    kinds = {kind for _, _, kind in GOLD}
    for question in made():
        assert question.first.id in kinds
        assert question.first.id != question.second.id
        surface = question.text[question.span.start : question.span.end].lower()
        if question.answer == FIRST and surface in {"varna", "ada kern", "lindholm bank"}:
            names = {"varna": "loc", "ada kern": "per", "lindholm bank": "org"}
            assert names[surface] == question.first.id


def test_the_same_seed_makes_the_same_questions():
    assert made(20, seed=3) == made(20, seed=3)
    assert made(20, seed=3) != made(20, seed=4)


def test_types_of_a_small_label_set_have_the_definitions_of_that_set():
    labels = load_label_set(SETS / "aviation.toml")
    sentences = read_corpus(SETS / "aviation.jsonl", "aviation")
    questions = MadeQuestions({"aviation": sentences}, {"city": "of another set"}, 0)

    defined = {kind.id: kind.definition for kind in labels.types}
    asked = [kind for q in islice(questions, 200) for kind in (q.first, q.second)]
    assert {kind.definition for kind in asked} <= {"", *defined.values()}
    assert all(kind.definition in {"", defined[kind.id]} for kind in asked)
    assert any(kind.definition for kind in asked)
