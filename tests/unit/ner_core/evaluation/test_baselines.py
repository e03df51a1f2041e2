"""Rows of a report, from what the members of an ensemble wrote about one sentence."""

from support.pipelines import ensemble

from ner_core.evaluation.baselines import rows
from ner_core.labels import EntityType, LabelSet

LABELS = LabelSet("x", (EntityType("per", "person", ""), EntityType("loc", "place", "")))
WRITTEN = {
    "a": [[0, 3, "person"], [9, 13, "place"]],
    "b": [[0, 3, "place"], [9, 13, "place"], [20, 24, "person"]],
}


def row(name):
    part = {"extracted": WRITTEN, "votes": []}
    return rows([part], [], LABELS, ensemble("a", "b"))[name]


def test_the_union_of_answers_has_every_span_once_with_the_type_of_the_first_member():
    assert row("union of single calls") == {(0, 3, "per"), (9, 13, "loc"), (20, 24, "per")}


def test_the_majority_of_answers_has_what_most_members_wrote_alike():
    assert row("majority of single calls") == {(9, 13, "loc")}


def test_what_verification_dropped_is_in_the_row_without_it_if_nothing_else_is_left():
    vote = {"type": "per", "probabilities": {"per": 0.9, "loc": 0.1}}
    part = {"extracted": WRITTEN, "votes": [[0, 3, {"a": vote, "b": vote}]]}
    dropped = rows([part], [], LABELS, ensemble("a", "b", verify="all"))

    assert dropped["EL4NER, without verification"] == {(0, 3, "per")}
    assert "EL4NER, without verification" not in rows(
        [part], [], LABELS, ensemble("a", verify="off")
    )
