"""A labeled file is what its content says; what is not read is refused by name."""

import json
import re

import pytest
from support.corpora import read, written

from ner_core.evaluation.corpora import CorpusError

RECORD = {"id": "a", "text": "Ada saw Oslo", "entities": [{"start": 0, "end": 3, "type": "PER"}]}
LINE = json.dumps(RECORD)
FOUND = ("Ada saw Oslo", [("Ada", "per")])
NAMES = pytest.mark.parametrize(
    "name", ["a.jsonl", "a.ndjson", "a.json", "a.txt", "a.conll", "a", "a.json.gz"]
)


def refusal(folder, content, name="a.json"):
    with pytest.raises(CorpusError) as raised:
        read(folder, name, content)
    return str(raised.value)


@NAMES
@pytest.mark.parametrize(
    ("content", "number"),
    [
        (LINE, 1),
        (f"{LINE}\n\n{LINE}\n", 2),
        (f"[{LINE}]", 1),
        (f"[\n{LINE},\n{LINE}\n]\n", 2),
        (json.dumps(RECORD, indent=2), 1),
        (json.dumps([RECORD, RECORD], indent=2), 2),
        ("\n".join([json.dumps(RECORD, indent=2)] * 2), 2),
        (f"\ufeff{LINE}\r\n{LINE}\r\n", 2),
    ],
)
def test_json_is_recognized_whatever_the_name_and_the_layout(tmp_path, name, content, number):
    assert read(tmp_path, name, content) == [FOUND] * number


@pytest.mark.parametrize(
    "record",
    [
        {**RECORD, "text": "Ada \ud83d x"},
        {**RECORD, "id": "\ud83d"},
        {**RECORD, "entities": [{"start": 0, "end": 3, "type": "\udc00"}]},
        {"data": {"text": "Ada \ud83d x"}, "annotations": [{"result": []}]},
        {"id": 1, "text": "Ada", "label": [{"start": 0, "end": 3, "labels": ["\ud83d"]}]},
    ],
)
def test_half_of_a_surrogate_pair_is_refused_with_its_line(tmp_path, record):
    said = refusal(tmp_path, f"{LINE}\n{json.dumps(record)}\n")

    assert "line 2: " in said
    assert "half of a surrogate pair" in said
    assert said.isascii()


def test_lines_of_pretty_printed_values_are_counted(tmp_path):
    first, second = (json.dumps(value, indent=2) for value in (RECORD, {"id": "b"}))

    said = refusal(tmp_path, f"{first}\n{first}\n{second}")

    assert f"line {2 * len(first.splitlines()) + 1}: " in said


def test_utf16_and_utf32_with_a_mark_are_honored(tmp_path):
    assert read(tmp_path, "a.jsonl", LINE.encode("utf-16")) == [FOUND]
    assert read(tmp_path, "a.conll", "Ada B-PER\n".encode("utf-16")) == [("Ada", [("Ada", "per")])]
    assert read(tmp_path, "a.conll", "Ada B-PER\n".encode("utf-32")) == [("Ada", [("Ada", "per")])]


def test_columns_are_columns_whatever_their_name(tmp_path):
    assert read(tmp_path, "a.json", "Ada B-PER\n") == [("Ada", [("Ada", "per")])]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (f"{LINE}\n{LINE[:-3]}\n{LINE}", 2),
        (f"[{LINE},\n{LINE[:-3]}]", 2),
        (f"[{LINE}\n{LINE}]", 2),
        (f"[\n{LINE},\n{LINE},\n", 3),
        (f"{LINE}\n[1]", 2),
        (f"[{LINE}] x", 1),
        (f"[\n{LINE}\n]\n[\n{LINE}\n]\n", 4),
        (f"[\n{LINE}\n]\n{LINE}\n", 4),
        ("{text: 'Ada', entities: []}", 1),
        (f"{LINE}\r{LINE}\r{LINE[:-3]}\r", 3),
        (f"{LINE}\r\n{LINE}\r\n{LINE[:-3]}", 3),
    ],
)
def test_json_that_is_broken_is_refused_with_its_line(tmp_path, content, line):
    assert f"a.json, line {line}: " in refusal(tmp_path, content)


@pytest.mark.parametrize("before", ["", f"{LINE}\n"])
@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("[" * 100_000, "nested too deep"),
        ('{"a":' * 100_000, "nested too deep"),
        (LINE.replace("3", "9" * 5000), "an integer of 5000 digits"),
    ],
)
def test_json_that_is_too_much_is_refused_with_its_line(tmp_path, before, line, why):
    said = refusal(tmp_path, f"{before}{line}\n{LINE}\n", "a.jsonl")

    assert f"a.jsonl, line {1 + len(before) // len(LINE)}: Invalid JSON: {why}" in said


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("Ada " * 1_000_000, "no tag"),
        (LINE.replace("3", "9" * 4000), "is not a span"),
    ],
)
def test_a_very_long_line_is_not_shown_whole(tmp_path, content, why):
    said = refusal(tmp_path, content, "a.txt")

    assert "line 1: " in said
    assert why in said
    assert len(said) < 1200


@pytest.mark.parametrize(
    ("content", "looks"),
    [
        ("Sentence #,Word,POS,Tag\nSentence: 1,Ada,NNP,B-per\n,saw,VB,O\n", "CSV"),
        ("word;tag\nAda;B-PER\n", "CSV"),
        ("Ada,B-PER\nsaw,O\n", "CSV"),
        ('"text","label"\n"Ada saw Oslo","PER"\n', "CSV"),
        ("<?xml version='1.0'?>\n<doc/>", "XML"),
        ("<!DOCTYPE html><html>", "HTML"),
        ('<doc id="1">\n', "XML"),
        ("#FORMAT=WebAnno TSV 3.3\n", "WebAnno TSV"),
        ("123|t|Title\n123|a|Text\n", "PubTator"),
        (b"PK\x03\x04rest", "zip"),
        (b"PAR1rest", "Parquet"),
        (b"%PDF-1.7\n%\xe2", "PDF"),
        (json.dumps(["Ada", {"entities": [[0, 3, "PER"]]}]) + "\n", "spaCy"),
        (json.dumps({"text": "Ada", "entities": [[0, 3, "PER"]]}), "spaCy"),
        (json.dumps({"classes": ["PER"], "annotations": []}), "spaCy"),
        (json.dumps({"text": "Ada", "label": [[0, 3, "PER"]]}), "doccano"),
        (json.dumps({"text": "A", "entities": [{"label": "x", "start_offset": 0}]}), "doccano"),
        (json.dumps({"text": "Ada", "spans": []}), "Prodigy"),
        (json.dumps({"text": "Ada", "ents": [], "tokens": [{"id": 0}]}), "spaCy's JSON"),
        (json.dumps([{"id": 0, "paragraphs": []}]), "spaCy's training JSON"),
        (json.dumps({"rasa_nlu_data": {}}), "Rasa"),
        (json.dumps({"passages": [{"text": ["Ada"]}]}), "BioC"),
        (json.dumps({"%TYPES": {}, "%FEATURE_STRUCTURES": []}), "INCEpTION"),
        (json.dumps({"data": [RECORD]}), "text: Field required.*its keys: 'data'"),
        (json.dumps({"tokens": ["Ada"], "ner_tags": [1]}), "lists of tokens"),
        (json.dumps({"tokenized_text": ["Ada"], "ner": []}), "GLiNER"),
        (json.dumps({"content": "Ada", "annotation": []}), "Dataturks"),
        (json.dumps({"text": "Ada", "extractions": []}), "LangExtract"),
        (json.dumps({"text_snippet": {"content": "Ada"}, "annotations": []}), "AutoML"),
        (json.dumps({"document_id": "a", "entities": []}), "record of Tagwire"),
        (json.dumps({"text": "Ada", "entities": {"Ada": "PER"}}), "entities: Input should be"),
        (json.dumps({"text": "Ada", "entities": [{"text": "Ada"}]}), "entities.0.start: Field"),
        (b"x\x9c\xab\x56", "zlib, such as a DocBin"),
        (b"\x80\x04\x95\x10", "pickle"),
        ("nlu:\n- intent: x\n  examples: |\n    - [Ada](person) left\n", "Rasa"),
        ('version: "3.1"\n\nnlu:\n- intent: x\n', "Rasa"),
        ("## intent:x\n- [Ada](person) left\n", "Rasa"),
        ('He saw <ENAMEX TYPE="PERSON">Ada</ENAMEX> .\nIt rained .\n', "tags around its names"),
        ("[PER Ada Kern ] left [LOC Oslo ] .\n", "brackets around its names"),
        ("[Ada](person) left Oslo .\n", "brackets around its names"),
        ("Ada/B-PER left/O Oslo/B-LOC\n", "slashes between"),
        ("Ada/PERSON left/O Oslo/LOCATION\n", "slashes between"),
        (json.dumps({"text": "Ada", "entities": [{"start_pos": 0, "labels": []}]}), "flair"),
        ('id,text,label\n1,"Ada, Bob met, x",PER\n', "CSV"),
        ('id;text;label\r\n1;"Ada; ""Bob"" met; x";PER\r\n', "CSV"),
    ],
)
@pytest.mark.parametrize("name", ["a.conll", "a.json", "a.jsonl", "a.csv"])
def test_other_formats_are_refused_by_name_with_what_to_do(tmp_path, content, looks, name):
    said = refusal(tmp_path, content, name)

    assert re.search(rf"line 1: .*{looks}.*; (give|write) ", said)


@pytest.mark.parametrize(
    "first", ["# text = <b>Ada</b> left", "# [Ada](x)", "<b>Ada</b>\tO", "Ada/O went/O O"]
)
def test_comments_and_tokens_may_have_what_other_formats_have(tmp_path, first):
    columns = (
        f"{first}\nAda\tB-PER\n" if "\t" in first or "#" in first else f"{first}\nAda x B-PER\n"
    )

    [(_, entities)] = read(tmp_path, "a.conll", columns)

    assert entities[-1] == ("Ada", "per")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("Ada B-PER\nJosé O\n".encode("latin-1"), "line 2: not UTF-8: .* at byte 13"),
        ("Ada B-PER\n".encode("utf-16-le"), "line 1: a NUL character"),
        ("Ada left Oslo .\n", "line 1: 'Ada left Oslo .' has no tag"),
    ],
)
def test_what_is_no_labeled_text_is_refused_with_the_place(tmp_path, content, why):
    assert re.search(why, refusal(tmp_path, content, "a.conll"))


def test_brat_is_recognized_by_its_content(tmp_path):
    written(tmp_path, "a.txt", "Ada saw Oslo")

    assert read(tmp_path, "a.standoff", "T1\tPER 0 3\tAda\n") == [FOUND]


def test_brat_may_be_zipped(tmp_path):
    written(tmp_path, "a.txt.gz", "Ada saw Oslo")

    assert read(tmp_path, "a.ann.gz", "T1\tPER 0 3\tAda\n") == [FOUND]


@pytest.mark.parametrize("token", ["[", "{", "<", "<unk>", "T1", ",", ";", '"', "[ ["])
def test_a_token_that_begins_like_another_format_is_a_token(tmp_path, token):
    content = f"{token}\tO\n{token}\tO\nOslo\tB-LOC\n"

    assert read(tmp_path, "a.conll", content) == [(f"{token} {token} Oslo", [("Oslo", "loc")])]
