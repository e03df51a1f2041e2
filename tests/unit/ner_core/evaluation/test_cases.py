"""Cases: every span of the union, its two best types, and what it is in truth."""

import pytest

from ner_core.errors import ConfigurationError
from ner_core.evaluation.cases import cases_of, status_of
from ner_core.evaluation.mistakes import Judged, read_judged, write_judged
from ner_core.labels import EntityType, LabelSet
from ner_core.types import Span

LABELS = LabelSet(
    "small",
    (
        EntityType("per", "person", "a named human"),
        EntityType("loc", "location", ""),
        EntityType("org", "organization", ""),
    ),
)
TEXT = "Ada Kern left Varna for Lindholm Bank on Monday."
GOLD = frozenset({(0, 8, "per"), (14, 19, "loc"), (24, 37, "org")})


def vote(**probabilities):
    best = max(probabilities, key=probabilities.get)
    return {"type": best, "probabilities": probabilities}


def part(*votes, **extracted):
    return {"extracted": extracted, "votes": [list(one) for one in votes]}


def judged(*parts):
    return Judged("some.dev", LABELS, TEXT, GOLD, [(0, 8, "per", 0.75)], parts, 0.25)


@pytest.mark.parametrize(
    ("span", "kind", "status"),
    [
        (Span(0, 8), "per", "right"),
        (Span(14, 19), "org", "wrong type"),
        (Span(24, 32), "org", "wrong borders"),
        (Span(14, 37), "org", "wrong borders"),
        (Span(41, 47), "loc", "no name"),
    ],
)
def test_a_span_with_a_type_is_right_or_wrong_in_one_way(span, kind, status):
    assert status_of(span, kind, GOLD) == status


def test_types_are_ranked_by_their_mean_probability():
    votes = {"a": vote(loc=0.6, org=0.3, none=0.1), "b": vote(org=0.8, loc=0.1, none=0.1)}

    (case,) = cases_of([part((24, 37, votes), a=[])], GOLD, LABELS)

    assert (case.proposed, case.runner_up) == ("org", "loc")
    assert (case.gold, case.status) == ("org", "right")


def test_a_span_that_everybody_calls_none_is_a_case_too():
    votes = {"a": vote(none=1.0), "b": vote(none=1.0)}

    (case,) = cases_of([part((41, 47, votes), a=[])], GOLD, LABELS)

    assert (case.proposed, case.runner_up) == ("per", "loc")
    assert (case.gold, case.status) == (None, "no name")


def test_a_case_knows_who_extracted_it_and_with_which_type():
    votes = {"a": vote(loc=1.0), "b": vote(org=1.0)}
    listed = {"a": [[14, 19, "location"]], "b": [[14, 18, "person"]]}

    (case,) = cases_of([part((14, 19, votes), **listed)], GOLD, LABELS)

    assert case.written == {"a": "loc"}


def test_judged_sentences_are_read_as_they_were_written(tmp_path):
    one = judged(part((0, 8, {"a": vote(per=0.9, none=0.1)}), a=[[0, 8, "person"]]))

    write_judged(tmp_path / "judged.jsonl", [one])
    (read,) = read_judged(tmp_path / "judged.jsonl")

    assert (read.set, read.labels, read.text) == (one.set, one.labels, one.text)
    assert (read.gold, read.entities, read.empty_share) == (one.gold, one.entities, 0.25)
    assert read.cases == one.cases


@pytest.mark.parametrize("line", ["{}", "[]", "not JSON"])
def test_another_file_is_not_taken_for_judged_sentences(tmp_path, line):
    path = tmp_path / "other.jsonl"
    path.write_text(line + "\n", "utf-8")

    with pytest.raises(ConfigurationError, match="not a file of judged sentences"):
        read_judged(path)
