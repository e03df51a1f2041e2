"""The table of the stack: every set is judged by what was fitted to the others."""

import pytest
import stack as command

from ner_core.evaluation.mistakes import Judged
from ner_core.labels import EntityType, LabelSet
from ner_core.stack import Stack

LABELS = LabelSet("small", (EntityType("per", "person", ""), EntityType("loc", "location", "")))
TEXT = "Ada Kern left Varna on Monday."


def vote(kind, p):
    other = "loc" if kind == "per" else "per"
    return {"type": kind, "probabilities": {kind: p, other: 1 - p}}


def judged(name, *, sure, extracted=("a",)):
    """Return a sentence in which spans voted on with probability ``sure`` are names."""
    votes = [
        [0, 8, {"a": vote("per", sure)}],
        [14, 19, {"a": vote("loc", sure)}],
        [23, 29, {"a": vote("loc", 0.55)}],
    ]
    listed = {model: [[0, 8, "person"]] for model in extracted}
    gold = frozenset({(0, 8, "per"), (14, 19, "loc")})
    tagged = [(0, 8, "per", sure), (14, 19, "loc", sure), (23, 29, "loc", 0.55)]
    return Judged(name, LABELS, TEXT, gold, tagged, [{"extracted": listed, "votes": votes}], 0.2)


SENTENCES = [judged(f"{name}.dev", sure=0.9) for name in "abc" for _ in range(10)]


def test_the_stack_drops_what_was_wrong_in_the_other_sets():
    known = command.known_of(SENTENCES, None)

    row = command.crossed(known, "a.dev", command.fit_to)

    assert len(row.entities) == 10
    assert {(start, end) for found in row.entities for start, end, *_ in found} == {
        (0, 8),
        (14, 19),
    }


def test_nothing_of_a_set_decides_what_is_found_in_it():
    others = [one for one in SENTENCES if one.set != "a.dev"]
    turned = [judged("a.dev", sure=0.1) for _ in range(10)]

    as_usual = command.crossed(command.known_of(SENTENCES, None), "a.dev", command.fit_to)
    by_others = command.fit_to(command.known_of(others, None))
    with_turned = command.crossed(
        command.known_of([*others, *turned], None), "a.dev", lambda _: by_others
    )

    assert as_usual.proposed[0] == pytest.approx(
        by_others.of(command.known_of(SENTENCES, None)[0].cases[0][1]["per"])
    )
    assert with_turned.proposed != as_usual.proposed


def test_a_span_gets_the_more_probable_of_its_two_types():
    (one,) = command.known_of([judged("a.dev", sure=0.9)], None)
    reversing = Stack(intercept=0, weights={"mean": -1.0}, least=0.5)

    found = {(start, end): kind for start, end, kind, _ in command.chosen(reversing, one)}

    assert found[0, 8] == "loc"


def test_verdicts_are_evidence_on_both_types():
    one = judged("a.dev", sure=0.9)
    verdicts = {("a.dev", TEXT): [[0.9, 0.05, 0.03, 0.02]] * 3}

    ((_, by_kind), *_) = command.known_of([one], verdicts)[0].cases

    assert by_kind["per"]["verifier"] > 0 > by_kind["loc"]["verifier"]


def test_auc_is_the_chance_that_right_is_above_wrong():
    assert command.auc([0.9, 0.8, 0.1], [True, False, False]) == 1.0
    assert command.auc([0.5, 0.5], [True, False]) == 0.5


def test_the_table_has_a_line_for_every_way():
    rows = {"a.dev": {command.ENSEMBLE: command.as_tagged(SENTENCES, "a.dev")}}

    lines = list(command.table([one for one in SENTENCES if one.set == "a.dev"], rows))

    assert lines[0] == "| AUC | a.dev | mean |"
    assert "| EL4NER | 80.0 | 80.0 |" in lines
