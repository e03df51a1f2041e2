"""The groups of a document: names, aliases, prominence."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ner_core.groups.forms import shown
from ner_core.groups.grouping import groups_of
from ner_core.groups.prominence import Outline
from ner_core.types import Entity, Span

TITLE = "Ada Kern leads WHO"
TEXT = (
    "Friday, 3 May. Ada Kern leads the World Health Organization (WHO). She was born in Oslo. "
    "Kern succeeds Bo Falk. Critics of KERN met in Oslo."
)


def outline(title=TITLE, text=TEXT):
    ends = tuple(n + 1 for n, c in enumerate(text) if c == ".")
    return Outline(title, text, ends)


def entities(*named, text=TEXT, title=TITLE):
    """Return every occurrence of each surface, with the type that is named after it."""
    found = []
    for surface, kind in named:
        for field, content in (("title", title), ("text", text)):
            at = content.find(surface)
            while at >= 0:
                span = Span(at, at + len(surface))
                found.append(Entity(field, span, surface, kind, 0.9, None, {kind: 2}))
                at = content.find(surface, at + 1)
    return found


def named(kind, *surfaces):
    """Return one entity of each surface, in order."""
    return [
        Entity("text", Span(n, n + 1), surface, kind, 0.9, None, {})
        for n, surface in enumerate(surfaces)
    ]


def without_parts(found):
    return [
        e for e in found
        if not any(o.field == e.field and o.span != e.span and o.span.start <= e.span.start
                   and e.span.end <= o.span.end for o in found)
    ]  # fmt: skip


FOUND = without_parts(
    entities(
        ("Ada Kern", "person"), ("Kern", "person"), ("KERN", "person"), ("Bo Falk", "person"),
        ("World Health Organization", "organization"), ("WHO", "organization"),
        ("Oslo", "location"),
    )
)  # fmt: skip


def test_the_fullest_surface_names_the_group_and_the_others_are_aliases():
    by_name = {group.name: group for group in groups_of(FOUND, outline())}

    assert set(by_name) == {"Ada Kern", "Bo Falk", "World Health Organization", "Oslo"}
    assert set(by_name["Ada Kern"].aliases) == {"Kern", "KERN"}
    assert by_name["World Health Organization"].aliases == ("WHO",)
    assert by_name["Oslo"].aliases == ()
    assert [FOUND[place].text for place in by_name["Ada Kern"].mentions] == [
        "Ada Kern", "Ada Kern", "Kern", "KERN",
    ]  # fmt: skip
    assert {group.key for group in by_name.values()} == {None}


@pytest.mark.parametrize(
    ("surfaces", "name"),
    [
        (["US President Donald Trump", "Donald Trump", "Trump"], "Donald Trump"),
        (["Secretary of State Mike Pompeo", "Mike Pompeo"], "Mike Pompeo"),
        (["Dr. Ada Kern", "Ada Kern"], "Ada Kern"),
        (["US President Trump", "Donald Trump"], "Donald Trump"),
        (["President Trump", "Trump"], "President Trump"),
        (["Louis De Zoysa", "De Zoysa"], "Louis De Zoysa"),
        (["Stephen King Kern", "King Kern"], "Stephen King Kern"),
    ],
)
def test_a_title_does_not_name_a_person_whose_own_name_is_there(surfaces, name):
    [group] = groups_of(named("person", *surfaces), outline())

    assert group.name == name
    assert {group.name, *group.aliases} == set(surfaces)


@pytest.mark.parametrize(
    ("surfaces", "name", "aliases"),
    [
        (["O’Rourke", "Beto O’Rourke", "O'Rourke"], "Beto O’Rourke", ("O’Rourke",)),
        (["De Blasio", "Bill de Blasio", "de Blasio", "de Blasio"], "Bill de Blasio",
         ("de Blasio",)),
        (["Alberto Fernandez", "Alberto Fernández"], "Alberto Fernández", ("Alberto Fernandez",)),
        (["Erdogan", "Erdogan", "Erdoğan"], "Erdoğan", ("Erdogan",)),
    ],
)  # fmt: skip
def test_a_group_lists_each_spelling_once_and_prefers_diacritics(surfaces, name, aliases):
    [group] = groups_of(named("person", *surfaces), outline())

    assert (group.name, group.aliases) == (name, aliases)
    assert len(group.mentions) == len(surfaces)


def test_the_mentions_of_all_spellings_of_an_alias_count():
    surfaces = ["Ada Kern O'Brien", *["Kern O'Brien"] * 3, *["O'Brien", "O’Brien"] * 2]

    [group] = groups_of(named("person", *surfaces), outline())

    assert group.aliases == ("O'Brien", "Kern O'Brien")


def test_what_the_title_and_the_first_sentence_name_often_is_the_most_prominent():
    first, *_, last = groups_of(FOUND, outline())

    assert first.name == "Ada Kern"
    assert last.name == "Bo Falk"
    spread = (TEXT.index("KERN") - TEXT.index("Ada Kern")) / len(TEXT)
    assert first.prominence == pytest.approx(0.3 + 0.2 + 0.3 + 0.2 * spread, abs=1e-4)
    assert last.prominence == pytest.approx(0.3 / 4, abs=1e-4)


def test_a_line_that_names_nothing_is_not_the_first_sentence():
    [oslo] = groups_of(entities(("Oslo", "location"), text="3 May. Oslo.", title=""), outline(
        "", "3 May. Oslo."
    ))  # fmt: skip

    assert oslo.prominence == pytest.approx((0.2 + 0.3) / 0.7, abs=1e-4)


def test_a_name_in_the_title_alone_has_no_part_in_the_text():
    [ada] = groups_of(entities(("Ada Kern", "person"), text="Nothing."), outline(text="Nothing."))

    assert ada.prominence == pytest.approx(0.3 + 0.3)


def test_one_name_of_two_types_is_two_groups():
    found = entities(("Oslo", "location"), ("Oslo", "organization"))

    assert {(g.name, g.type) for g in groups_of(found, outline())} == {
        ("Oslo", "location"), ("Oslo", "organization"),
    }  # fmt: skip


def test_a_document_without_entities_has_no_groups():
    assert groups_of((), outline()) == ()


def test_a_long_document_is_grouped_in_little_time():
    text = " ".join(f"Ada{n} Kern{n} met Kern{n}." for n in range(4000))
    named = [Entity("text", Span(n, n + 1), f"Ada{n} Kern{n}", "person", 1, None, {}) for n in
             range(4000)]  # fmt: skip
    named += [
        Entity("text", Span(n, n + 1), f"Kern{n}", "person", 1, None, {}) for n in range(4000)
    ]

    assert len(groups_of(named, outline("", text))) == 4000


PIECES = ["Ada ", "Kern ", "Bo ", "World Health Organization ", "(WHO) ", "Inc. ", "U.S. ", ". ",
          "é", "&amp;", "\n", "北京"]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=16).map("".join)


@st.composite
def documents(draw):
    title, text = draw(texts), draw(texts)
    found = {}
    for _ in range(draw(st.integers(0, 10))):
        field, content = draw(st.sampled_from([("title", title), ("text", text)]))
        if content:
            start = draw(st.integers(0, len(content) - 1))
            span = Span(start, draw(st.integers(start + 1, min(len(content), start + 20))))
            kind = draw(st.sampled_from(["person", "organization", "location"]))
            surface = content[span.start : span.end]
            found[field, span, kind] = Entity(field, span, surface, kind, 0.5, None, {})
    return title, text, list(found.values())


@given(documents(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None, derandomize=True, database=None)
def test_groups_part_the_entities_whatever_they_are_and_in_any_order(document, random):
    title, text, found = document
    groups = groups_of(found, outline(title, text))
    order = random.sample(found, len(found))
    again = groups_of(order, outline(title, text))

    assert sorted(place for group in groups for place in group.mentions) == list(range(len(found)))
    for group in groups:
        assert group.name in {shown(found[place].text) for place in group.mentions}
        assert {found[place].type for place in group.mentions} == {group.type}
        assert 0 <= group.prominence <= 1
        assert group.name not in group.aliases
    described = [
        [(g.name, g.type, g.aliases, g.prominence, [e[p] for p in g.mentions]) for g in parted]
        for e, parted in ((found, groups), (order, again))
    ]
    assert described[0] == described[1]
