"""What `demos check` finds in demonstrations."""

import pytest

from ner_core.labels import SHIPPED, load_label_sets
from ner_core.pool.checks import findings
from ner_core.types import Demonstration, Span, TypedSpan

NEWS = load_label_sets(SHIPPED)
TEN = "one two three four five six seven eight nine ten"


def demonstration(name, text, *entities, label_set="news"):
    """Make a demonstration of names and types, each name at its first place."""
    spans = tuple(
        TypedSpan(Span(text.index(surface), text.index(surface) + len(surface)), kind)
        for surface, kind in entities
    )
    return Demonstration(name, text, spans, label_set)


def found(*demonstrations):
    return [f"{f.id}: {f.problem}" for f in findings(demonstrations, NEWS)]


ADA = demonstration("ada", "Ada came.", ("Ada", "person"))


def test_good_demonstrations_have_no_findings():
    assert found(ADA, demonstration("rain", "Rain fell."), demonstration("bo", "Adamant.")) == []


def test_an_unknown_type_is_found():
    (said,) = found(demonstration("x", "Varna sailed.", ("Varna", "ship")))

    assert said.startswith("x: demonstration 'x': type 'ship'")


def test_an_unknown_label_set_is_found():
    (said,) = found(demonstration("x", "Varna sailed.", label_set="ships"))

    assert "label set 'ships' is unknown here; known: news" in said


@pytest.mark.parametrize(("start", "end", "surface"), [(0, 2, "Ad"), (1, 3, "da"), (0, 4, "Ada ")])
def test_an_entity_that_cuts_a_word_is_found(start, end, surface):
    cut = Demonstration("cut", "Ada came.", (TypedSpan(Span(start, end), "person"),), "news")

    assert found(cut) == [
        f"cut: {surface!r} at {start} begins or ends inside a word or in white space"
    ]


@pytest.mark.parametrize("text", ["김민수는 갔다.", "Ada's day."])
def test_a_particle_or_an_ending_belongs_to_no_name(text):
    one = Demonstration("a", text, (TypedSpan(Span(0, 3), "person"),), "news")

    assert found(one) == []


def test_an_id_that_occurs_twice_is_found():
    other = demonstration("ada", "Rain fell.")

    assert found(ADA, other) == ["ada: the id occurs 2 times; only the last counts"]


def test_a_text_that_occurs_twice_is_found_in_the_same_label_set_alone():
    twin = demonstration("twin", "Ada came.", ("Ada", "person"))
    elsewhere = demonstration("other", "Ada came.", label_set="ships")

    assert found(ADA, twin, elsewhere)[1:] == ["twin: the same text as 'ada'"]


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (("x", "So Ada left."), ["x: 'Ada' at 3 is not annotated; it is person in 'ada'"]),
        (("x", "So Ada Kern left.", ("Ada Kern", "person")), []),
        (("x", "So Adan left."), []),
        (
            ("x", "Bo saw Bo.", ("Bo", "person")),
            ["x: 'Bo' at 7 is not annotated; it is person in 'x'"],
        ),
    ],
    ids=["elsewhere", "inside another", "part of a word", "twice in its text"],
)
def test_a_surface_that_is_annotated_in_one_place_and_not_in_another_is_found(other, said):
    assert found(ADA, demonstration(*other)) == said


@pytest.mark.parametrize(
    ("text", "near"),
    [
        (f"{TEN} eleven", True),
        (TEN.replace("ten", "zehn"), True),
        (TEN.upper(), True),
        (TEN.replace("nine ten", "neun zehn"), False),
        ("one two", False),
    ],
)
def test_texts_that_share_four_of_five_words_are_near_duplicates(text, near):
    said = found(demonstration("a", TEN), demonstration("b", text))

    assert [one.endswith("of its words are those of 'a'") for one in said] == [True] * near


def test_near_duplicates_are_found_among_many():
    many = [demonstration(f"{n}", " ".join(f"w{n * 7 + k}" for k in range(9))) for n in range(300)]
    near = demonstration("near", many[123].text + " more")

    assert found(*many, near) == ["near: 90% of its words are those of '123'"]


@pytest.mark.parametrize(
    ("kind", "listed"), [("work", "person and work"), ("person", "person and person")]
)
def test_two_entities_on_one_span_are_found(kind, listed):
    twice = demonstration("x", "Bo came.", ("Bo", "person"), ("Bo", kind))

    assert found(twice) == [f"x: 'Bo' at 0 is annotated 2 times: {listed}"]


def test_every_finding_has_a_cure():
    twin = demonstration("twin", "Ada came.", ("Ada", "ship"))

    assert all(finding.cure for finding in findings([ADA, twin], NEWS))
