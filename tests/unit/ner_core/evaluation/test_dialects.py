"""Labeled files as other programs leave them: mended where certain, else refused with the line."""

import json
import re

import pytest
from support.corpora import loaded, read, written

from ner_core.evaluation.corpora import CorpusError

TEXT = "Ada saw Oslo"
BOTH = [("Ada", "per"), ("Oslo", "loc")]
ADA = {"start": 0, "end": 3, "type": "PER"}


def refusal(folder, name, content):
    with pytest.raises(CorpusError) as raised:
        read(folder, name, content)
    return str(raised.value)


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_marks_of_files_that_were_joined_are_no_part_of_them(tmp_path, ends):
    columns = f"Ada B-PER{ends}{ends}\ufeffOslo B-LOC{ends}"
    line = json.dumps({"text": TEXT, "entities": [ADA]})

    assert read(tmp_path, "a.conll", columns) == [("Ada", BOTH[:1]), ("Oslo", BOTH[1:])]
    assert read(tmp_path, "a.jsonl", f"{line}{ends}\ufeff{line}") == [(TEXT, BOTH[:1])] * 2


@pytest.mark.parametrize("ends", ["\r\r\n", "\r\n", "\n", "\r"])
def test_line_ends_that_were_written_twice_are_one(tmp_path, ends):
    content = ends.join(["Ada B-PER", "left O", "", "Bo B-PER", ""])

    assert [text for text, _ in read(tmp_path, "a.conll", content)] == ["Ada left", "Bo"]


@pytest.mark.parametrize("tag", ["B:PER", "PER:B", "I.PER", "PER/I"])
def test_a_place_with_another_sign_is_no_type(tmp_path, tag):
    assert f"{tag!r} is neither O nor" in refusal(tmp_path, "a.conll", f"Ada {tag}\nsaw O\n")


def test_columns_of_two_numbers_have_no_word_first(tmp_path):
    said = refusal(tmp_path, "a.tsv", "1\t1\tAda\tB-PER\n1\t2\tsaw\tO\n")

    assert "line 2: '1\\t2\\tsaw\\tO' breaks the numbering" in said


def test_an_entity_of_another_field_is_refused(tmp_path):
    record = {"title": "Ada", "text": "Bo saw", "entities": [{**ADA, "field": "title"}]}

    assert "line 1: entities.0.field: Input should be 'text'" in refusal(
        tmp_path, "a.jsonl", json.dumps(record)
    )


def test_a_type_in_another_case_goes_on(tmp_path):
    assert read(tmp_path, "a.conll", "Ada B-per\nKern I-PER\n") == [
        ("Ada Kern", [("Ada Kern", "per")])
    ]


@pytest.mark.parametrize("key", ["NER", "ne", "BIO", "NamedEntity", "Named_Entity"])
def test_tags_among_what_is_miscellaneous_are_read(tmp_path, key):
    row = "{}\t{}\t_\tX\t_\t_\t0\tdep\t_\tSpaceAfter=No|{}={}"
    content = "\n".join([row.format(1, "Ada", key, "B-PER"), row.format(2, "left", key, "O")])

    assert read(tmp_path, "a.conllu", content) == [("Ada left", BOTH[:1])]


@pytest.mark.parametrize(
    "content",
    [
        "Bank\tB-ORG\tO\nof\tI-ORG\tO\nOslo\tI-ORG\tB-LOC\n",
        "Bank NNP B-ORG B-ORG\nof IN I-ORG I-ORG\n",
        "Bank B-ORG O O O\nof I-ORG O O O\n",
        "Ada S-PER S-LOC\n",
    ],
)
def test_several_columns_with_tags_of_names_are_refused(tmp_path, content):
    assert re.search(
        r"a\.conll, line 1: .* has name tags in columns \d and \d; keep the right one",
        refusal(tmp_path, "a.conll", content),
    )


@pytest.mark.parametrize(
    "content",
    ["Ada NNP B-NP B-PER\nsaw VBD B-VP O\nOslo NNP I-NP B-LOC\n",
     "Ada NE I-NC I-PER\nsaw VV O O\nOslo NE I-NC I-LOC\n",
     "Ada O B-PER\nsaw O O\nOslo O B-LOC\n"],
)  # fmt: skip
def test_tags_of_chunks_and_a_column_of_nothing_are_no_names(tmp_path, content):
    assert read(tmp_path, "a.conll", content) == [(TEXT, BOTH)]


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ('{"text": "Bo", "text": "Ada saw Oslo", "entities": []}', "text"),
        ('{"text": "Ada", "entities": [], "entities": [{"start": 0, "end": 3, "type": "x"}]}',
         "entities"),
        ('{"text": "Ada", "entities": [{"start": 0, "end": 3, "type": "x", "type": "y"}]}', "type"),
    ],
)  # fmt: skip
def test_a_key_that_is_there_twice_is_refused(tmp_path, content, key):
    good = json.dumps({"text": TEXT, "entities": [ADA]})

    for before, line in (("", 1), (good + "\n", 2), (f"[{good},\n", 2)):
        said = refusal(tmp_path, "a.json", before + content + "]" * before.startswith("["))
        assert f"a.json, line {line}: Invalid JSON: the key {key!r} occurs twice" in said


@pytest.mark.parametrize(
    ("entity", "why"),
    [
        ({"type": " "}, "neither type nor label"),
        ({"type": "PER", "label": "LOC"}, "type 'PER' and label 'LOC'"),
    ],
)
def test_a_type_that_is_blank_or_one_of_two_is_refused(tmp_path, entity, why):
    record = {"text": TEXT, "entities": [{"start": 0, "end": 3} | entity]}

    assert f"line 1: entities.0: {why}" in refusal(tmp_path, "a.jsonl", json.dumps(record))


def test_type_and_label_may_agree_and_have_blanks_around_them(tmp_path):
    record = {"text": TEXT, "entities": [{"start": 0, "end": 3, "type": "PER", "label": " PER "}]}

    assert read(tmp_path, "a.jsonl", json.dumps(record)) == [(TEXT, BOTH[:1])]


@pytest.mark.parametrize("key", ["tokens", "words"])
def test_offsets_of_tokens_are_refused(tmp_path, key):
    record = {"text": TEXT, key: TEXT.split(), "entities": [{**ADA, "end": 1}]}

    said = refusal(tmp_path, "a.jsonl", json.dumps(record))

    assert "line 1: 1: [0, 1) PER is 'A' in the text; offsets count characters, not tokens" in said
    assert read(tmp_path, "a.jsonl", json.dumps({**record, "entities": [ADA]})) == [
        (TEXT, BOTH[:1])
    ]


@pytest.mark.parametrize(
    ("text", "start", "end", "cutting"),
    [
        (TEXT, 0, 3, 0), (TEXT, 1, 3, 1), (TEXT, 0, 4, 1), (TEXT, 0, 2, 1), (TEXT, 3, 7, 1),
        ("北京大学", 0, 2, 0), ("서울에서", 0, 2, 0), ("Ada's", 0, 3, 0), ("Ada-Bo", 0, 3, 0),
    ],
)  # fmt: skip
def test_entities_that_cut_a_word_are_counted(tmp_path, text, start, end, cutting):
    record = {"text": text, "entities": [{"start": start, "end": end, "type": "x"}]}

    assert loaded(tmp_path, "a.jsonl", json.dumps(record)).cutting == cutting


def test_offsets_that_count_bytes_are_mended_if_all_surfaces_agree(tmp_path):
    entities = [
        {"start": 0, "end": 5, "text": "José", "type": "PER"},
        {"start": 10, "end": 15, "text": "Łódź"[:3], "type": "LOC"},
    ]
    corpus = loaded(tmp_path, "a.jsonl", json.dumps({"text": "José saw Łód", "entities": entities}))

    assert [s.surface(e) for s in corpus.sentences for e in s.entities] == ["José", "Łód"]
    assert corpus.converted == 2


@pytest.mark.parametrize(("text", "surface"), [("Jose\u0301", "José"), ("José", "Jose\u0301")])
def test_a_surface_may_be_composed_or_not(tmp_path, text, surface):
    record = {"text": text, "entities": [{**ADA, "end": len(text), "text": surface}]}

    assert read(tmp_path, "a.jsonl", json.dumps(record)) == [(text, [(text, "per")])]


BRAT = "T1\tPER 0 3\tAda\nT2\tLOC 8 12\tOslo\n"


@pytest.mark.parametrize(
    "content",
    [
        BRAT + "R1\tSaw Arg1:T1 Arg2:T2\nE1\tMeet:T1\nA1\tSure T1\nM1\tNot T1\n*\tEquiv T1 T2\n",
        BRAT + "N1\tReference T1 W:1\tAda\n#1\tAnnotatorNotes T1\tx\n# a comment\n\n",
        BRAT.replace("\n", "\r"),
        BRAT.replace("\n", "\r\n"),
    ],
)
def test_annotations_that_are_no_entities_are_skipped(tmp_path, content):
    written(tmp_path, "a.txt", TEXT)

    assert read(tmp_path, "a.ann", content) == [(TEXT, BOTH)]


@pytest.mark.parametrize(
    "line", ["garbage", "t3\tPER 0 3\tAda", "3\tPER 0 3\tAda", " T3\tPER 0 3\tAda", "X1\tPER 0 3"]
)
def test_a_line_that_brat_does_not_have_is_refused(tmp_path, line):
    written(tmp_path, "a.txt", TEXT)

    assert f"a.ann, line 3: {line!r} is not a brat entity" in refusal(
        tmp_path, "a.ann", BRAT + line + "\n"
    )
