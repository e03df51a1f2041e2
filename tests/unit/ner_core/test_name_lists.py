"""Names that a label set always or never takes for entities."""

import random
import tracemalloc

import pytest
from support.pipelines import Fixed, ensemble, pipeline

from ner_core.errors import LabelSetError
from ner_core.fingerprint import describe
from ner_core.labels import load_label_set
from ner_core.name_lists import NameLists
from ner_core.stages.listed import with_lists
from ner_core.testing import HashEmbedder, RuleEngine
from ner_core.types import Document, Entity, Span

TYPES = '[[type]]\nid = "person"\n[[type]]\nid = "vessel"\n[[type]]\nid = "organization"\n'


@pytest.fixture
def label_set(tmp_path):
    def load(lists=""):
        path = tmp_path / "ships.toml"
        path.write_text(TYPES + lists, "utf-8")
        return load_label_set(path)

    return load


def entity(text, surface, kind="organization", *, nth=0, field="text"):
    at = -1
    for _ in range(nth + 1):
        at = text.index(surface, at + 1)
    return Entity(field, Span(at, at + len(surface)), surface, kind, 0.5, None, {kind: 1})


def kept(lists, text, *found, title=""):
    return [
        (e.text, e.type, e.score)
        for e in with_lists(found, lists, Document("x", text, title))
    ]  # fmt: skip


def test_a_file_has_its_lists_in_two_tables(label_set):
    lists = label_set(
        '[deny]\neverywhere = ["Getty  Images"]\ndateline = ["Reuters", "AP"]\n'
        '[allow]\nvessel = ["Havglimt"]\n'
    ).lists

    assert lists == NameLists((("Havglimt", "vessel"),), ("Getty Images",), ("AP", "Reuters"))
    assert not label_set().lists


@pytest.mark.parametrize(
    ("lists", "said"),
    [
        ('[allow]\nship = ["Havglimt"]', r"\[allow\] has ship, not a type id"),
        ('[deny]\nevery = ["AP"]', r"unknown key in \[deny\]: every; known: everywhere, dateline"),
        ('[deny]\ndateline = "AP"', r"dateline = 'AP' in \[deny\] is not a list of names"),
        ("[deny]\ndateline = [7]", "not a list of names"),
        ('[deny]\ndateline = [" "]', "not a list of names"),
        ('[allow]\nvessel = ["A"]\nperson = ["a"]', "'A' is allowed, and also"),
        ('[allow]\nvessel = ["A"]\n[deny]\neverywhere = ["a"]', "'A' is allowed, and also"),
    ],
)
def test_lists_that_break_a_rule_are_refused_with_the_file(label_set, lists, said):
    with pytest.raises(LabelSetError, match=rf"ships\.toml: .*{said}"):
        label_set(lists)


def test_a_list_that_is_no_table_is_refused(tmp_path):
    path = tmp_path / "ships.toml"
    path.write_text('deny = ["AP"]\n' + TYPES, "utf-8")

    with pytest.raises(LabelSetError, match=r"write \[deny\] and lists of names below it"):
        load_label_set(path)


DATELINED = "LONDON, 3 May (Reuters) - The head of Reuters met Ada Kern."


def test_an_agency_is_denied_in_the_dateline_alone():
    found = [entity(DATELINED, "Reuters", nth=n) for n in (0, 1)]

    assert kept(NameLists(dateline=("Reuters",)), DATELINED, *found) == [
        ("Reuters", "organization", 0.5)
    ]
    assert with_lists(found, NameLists(dateline=("Reuters",)), Document("x", DATELINED)) == [
        found[1]
    ]


@pytest.mark.parametrize(
    "surface", ["Reuters", "REUTERS", "the Reuters", "Reuters’", "Reuters Ltd"]
)
def test_a_denied_name_is_denied_in_every_form(surface):
    text = f"He works for {surface} now."

    assert kept(NameLists(deny=("reuters",)), text, entity(text, surface)) == []


def test_a_longer_name_is_another_name():
    text = "The Reuters Institute is in Oxford."

    assert kept(NameLists(deny=("Reuters",)), text, entity(text, "Reuters Institute"))


def test_an_allowed_name_is_an_entity_wherever_it_occurs():
    title, text = "HAVGLIMT sinks", "The Havglimt sank. Nobody saw Havglimt again."
    lists = NameLists(allow=(("Havglimt", "vessel"),))
    person = entity(text, "Havglimt", "person")

    assert kept(lists, text, person, title=title) == [
        ("HAVGLIMT", "vessel", 1.0), ("Havglimt", "vessel", 1.0), ("Havglimt", "vessel", 1.0),
    ]  # fmt: skip


def test_what_the_models_found_so_keeps_its_score():
    text = "The Havglimt sank."
    lists = NameLists(allow=(("Havglimt", "vessel"),))

    assert kept(lists, text, entity(text, "Havglimt", "vessel")) == [("Havglimt", "vessel", 0.5)]


def test_an_allowed_name_inside_a_longer_entity_is_left_alone():
    text = "The Havglimt Shipping Company failed."
    found = entity(text, "Havglimt Shipping Company")

    assert kept(NameLists(allow=(("Havglimt", "vessel"),)), text, found) == [
        ("Havglimt Shipping Company", "organization", 0.5)
    ]


def test_an_allowed_name_displaces_what_crosses_it_or_is_a_part_of_it():
    text = "They saw Old Havglimt Two there."
    lists = NameLists(allow=(("Havglimt Two", "vessel"), ("Two", "person")))
    found = [entity(text, "Old Havglimt", "person"), entity(text, "Two", "organization")]

    assert kept(lists, text, *found) == [("Havglimt Two", "vessel", 1.0)]


def test_an_agency_that_is_allowed_is_still_denied_in_the_dateline():
    lists = NameLists(allow=(("Reuters", "organization"),), dateline=("Reuters",))

    assert kept(lists, DATELINED) == [("Reuters", "organization", 1.0)]


async def test_the_lists_of_its_label_set_apply_to_a_tagged_document(label_set):
    text = "<p>OSLO (Ada Kern) - The &quot;havn&quot; left Bo Falk.</p>"
    tagging = await pipeline(Fixed("a", kind="person"), verify="off", pool=[])
    tagging.label_sets = {
        "ships": label_set('[deny]\ndateline=["Ada Kern"]\n[allow]\nvessel=["havn"]')
    }
    tagged = await tagging.tag(Document("x", text, label_set="ships"))

    by_text = {e.text: e.type for e in tagged.entities}
    assert "Ada Kern" not in by_text
    assert (by_text["havn"], by_text["Bo Falk"]) == ("vessel", "person")
    assert {g.name for g in tagged.groups} == set(by_text)


def test_lists_are_a_part_of_the_fingerprint_only_if_there_are_any(label_set):
    def described(labels):
        made, engine = ensemble("a"), RuleEngine("a")
        return describe(made, {"a": engine}, HashEmbedder(), labels, "v")["label_set"]

    assert "lists" not in described(label_set())
    assert described(label_set('[deny]\neverywhere=["AP"]'))["lists"]["deny"] == ("AP",)


@pytest.mark.parametrize("text", ["Shells lay on the beach.", "So #AdaKern left.", "Hughes left."])
def test_an_allowed_name_is_no_word_with_another_ending_and_no_tag(text):
    lists = NameLists((("Ada Kern", "person"), ("Hugh", "person"), ("Shell", "organization")))

    assert kept(lists, text) == []


def test_what_is_kept_of_long_documents_does_not_grow_with_their_number():
    lists = NameLists(allow=(("Zürich Insurance", "organization"),))
    words = "the dog of Anna ran to Lyon again ".split()

    def kept_mb_after(*documents):
        for number in documents:
            text = " ".join(random.Random(number).choices(words, k=1_500))
            with_lists([], lists, Document("a", text))
        return tracemalloc.get_traced_memory()[0] / 1e6

    tracemalloc.start()
    try:
        of_one = kept_mb_after(1)
        assert kept_mb_after(2, 3, 4) < of_one + 1
    finally:
        tracemalloc.stop()
