"""Surfaces are compared with their offsets, which other programs count in other ways."""

import json
import re

import pytest
from support.corpora import loaded, read, written

from ner_core.evaluation.corpora import CorpusError

BOTH = [("Ada", "per"), ("Oslo", "loc")]


def brat(folder, text, *entities):
    lines = [
        f"T{n}\t{kind} {place}\t{surface}" for n, (kind, place, surface) in enumerate(entities)
    ]
    written(folder, "a.txt", text)
    found = read(folder, "a.ann", "\n".join(lines))
    return [entity for _, entities in found for entity in entities]


def record(text, start, end, surface, key="text"):
    entity = {"start": start, "end": end, key: surface, "type": "PER"}
    return json.dumps({"id": "r", "text": text, "entities": [entity]})


@pytest.mark.parametrize(
    ("text", "ada", "oslo"),
    [
        ("\ufeffAda saw Oslo.", "1 4", "9 13"),
        ("\ufeffAda saw Oslo.", "0 3", "8 12"),
        ("Hello there\r\nAda saw Oslo.\r\n", "12 15", "20 24"),
        ("Hello there\r\nAda saw Oslo.\r\n", "13 16", "21 25"),
        ("😀 Ada saw Oslo.", "3 6", "11 15"),
        ("😀 Ada saw Oslo.", "2 5", "10 14"),
        ("\ufeff😀\r\nAda\r\nsaw Oslo.", "4 7", "12 16"),
    ],
)
def test_offsets_that_count_a_mark_line_ends_or_utf16_units_are_mended(tmp_path, text, ada, oslo):
    assert brat(tmp_path, text, ("PER", ada, "Ada"), ("LOC", oslo, "Oslo")) == BOTH


@pytest.mark.parametrize(
    ("text", "place", "surface"),
    [
        ("Ada saw Oslo.", "1 4", "Ada"),
        ("Ada saw Oslo.", "0 3", "ada"),
        ("😀 Ada saw Oslo.", "4 7", "Ada"),
        ("Ada saw Oslo.", "0 2", "Ada"),
    ],
)
def test_a_surface_that_fits_no_way_of_counting_is_refused_with_its_line(
    tmp_path, text, place, surface
):
    with pytest.raises(CorpusError, match=rf"a\.ann, line 1: .* not '{surface}'"):
        brat(tmp_path, text, ("PER", place, surface))


def test_nothing_is_mended_without_a_surface_or_if_only_some_fit(tmp_path):
    with pytest.raises(CorpusError, match=r"line 2: \[11, 15\) LOC is .* not 'Oslo'"):
        brat(tmp_path, "😀 Ada saw Oslo.", ("PER", "2 5", "Ada"), ("LOC", "11 15", "Oslo"))


def test_white_space_in_a_surface_may_be_another(tmp_path):
    assert brat(tmp_path, "The Bank\nof\u00a0Oslo", ("ORG", "4 16", "Bank of Oslo")) == [
        ("Bank\nof\u00a0Oslo", "org")
    ]


@pytest.mark.parametrize(
    ("text", "place", "surface"),
    [
        ("Ada\r\nKern left.", "0 9", "Ada\r Kern"),
        ("Ada\r\nKern left.", "0 9", "Ada  Kern"),
        ("Ada  Kern left.", "0 9", "Ada Kern"),
    ],
)
def test_a_surface_may_have_more_or_less_white_space_within(tmp_path, text, place, surface):
    assert brat(tmp_path, text, ("PER", place, surface)) == [(text[:9], "per")]


def test_white_space_beside_a_surface_is_no_part_of_it(tmp_path):
    with pytest.raises(CorpusError, match="not 'Ada'"):
        brat(tmp_path, "Ada left.", ("PER", "0 4", "Ada"))


def test_line_ends_of_annotations_are_no_part_of_a_surface(tmp_path):
    written(tmp_path, "a.txt", "Ada saw Oslo")
    content = "\ufeffT1\tPER 0 3\tAda\r\n#1\tAnnotatorNotes T1\tx\r\nT2\tLOC 8 12\tOslo\r\n"

    assert read(tmp_path, "a.ann", content) == [("Ada saw Oslo", BOTH)]


def test_entities_in_parts_are_read_as_one_and_counted(tmp_path):
    written(tmp_path, "a.txt", "North and South Korea met Ada Kern.")
    content = (
        "T1\tLOC 0 5;16 21\tNorth Korea\nT2\tLOC 10 21\tSouth Korea\nT3\tPER 26 29;30 34\tAda Kern"
    )
    corpus = loaded(tmp_path, "a.ann", content, "keep")

    assert corpus.discontinuous == 1
    assert corpus.nested == 1
    assert [s.surface(e) for s in corpus.sentences for e in s.entities] == [
        "North and South Korea", "South Korea", "Ada Kern",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "key", ["text", "surface", "mention", "word", "phrase", "span", "value", "name", "entity"]
)
def test_a_surface_in_a_record_is_compared(tmp_path, key):
    assert read(tmp_path, "a.jsonl", record("Ada saw", 0, 3, "Ada", key)) == [
        ("Ada saw", [("Ada", "per")])
    ]
    with pytest.raises(
        CorpusError, match=r"line 1: r: \[1, 4\) PER is 'da ' in the text, not 'Ada'"
    ):
        read(tmp_path, "a.jsonl", record("Ada saw Oslo", 1, 4, "Ada", key))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "Ada Kern"),
        ("value", "ada"),
        ("entity", "PER"),
        ("word", "##da"),
        ("value", 7),
        ("span", [0, 3]),
        ("name", ""),
    ],
)
def test_what_names_an_entity_otherwise_is_no_surface(tmp_path, key, value):
    text = "Ada saw Ada Kern"

    assert read(tmp_path, "a.jsonl", record(text, 0, 3, value, key)) == [(text, [("Ada", "per")])]


@pytest.mark.parametrize(
    ("text", "end", "key", "value"),
    [
        ("IBM, or International Business Machines, rose.", 3, "name", "International Business"),
        ("Mr. Kern", 8, "name", "Kern"),
        ("Mr. Kern, a man of 1", 8, "value", "a"),
        ("Mr. Kern, a man of 1", 8, "value", "1"),
        ("Acme, a company", 4, "entity", "company"),
        ("Acme Inc. rose", 8, "name", "Acme Inc."),
    ],
)
def test_a_name_or_value_from_elsewhere_in_the_text_is_no_surface(tmp_path, text, end, key, value):
    other = json.loads(record("Ada", 0, 3, "Ada", key))
    content = f"{record(text, 0, end, value, key)}\n{json.dumps(other | {'id': 's'})}"

    assert [found for _, found in read(tmp_path, "a.jsonl", content)] == [
        [(text[:end], "per")],
        [("Ada", "per")],
    ]


@pytest.mark.parametrize(("start", "end"), [(0, 2), (1, 3)])
def test_an_end_of_the_last_character_is_told_by_a_value(tmp_path, start, end):
    with pytest.raises(CorpusError, match="in the text, not 'Ada'"):
        read(tmp_path, "a.jsonl", record("Ada saw", start, end, "Ada", "value"))


def test_an_entity_with_offsets_of_two_kinds_is_read(tmp_path):
    entity = {"start": 0, "end": 3, "start_char": 0, "end_char": 3, "type": "PER"}
    content = json.dumps({"id": "r", "text": "Ada saw", "entities": [entity]})

    assert read(tmp_path, "a.jsonl", content) == [("Ada saw", [("Ada", "per")])]


@pytest.mark.parametrize("key", ["text", "value"])
def test_utf16_offsets_beside_any_surface_are_mended(tmp_path, key):
    content = record("😀😀 Ada", 5, 8, "Ada", key)

    assert read(tmp_path, "a.jsonl", content) == [("😀😀 Ada", [("Ada", "per")])]


def test_utf16_offsets_in_a_record_are_mended(tmp_path):
    content = record("😀😀 Ada", 5, 8, "Ada")

    assert read(tmp_path, "a.jsonl", content) == [("😀😀 Ada", [("Ada", "per")])]


def test_offsets_outside_a_text_are_refused_with_what_they_are_no_span_of(tmp_path):
    with pytest.raises(CorpusError) as raised:
        read(tmp_path, "a.jsonl", record("Ada", 0, 9, "Ada"))
    assert re.search(r"line 1: r: \[0, 9\) PER is not a span of 'Ada'", str(raised.value))


def test_converted_offsets_are_counted(tmp_path):
    written(tmp_path, "a.txt", "😀 Ada saw Oslo.")
    converted = loaded(tmp_path, "a.ann", "T1\tPER 3 6\tAda\nT2\tLOC 11 15\tOslo")
    plain = loaded(tmp_path, "a.ann", "T1\tPER 2 5\tAda\nT2\tLOC 10 14\tOslo")

    assert (converted.converted, plain.converted) == (2, 0)
    assert loaded(tmp_path, "a.jsonl", record("😀 Ada", 3, 6, "Ada")).converted == 1
