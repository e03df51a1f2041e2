"""Labelled files of other makers are read exactly."""

import pytest
from support.corpora import entities, written

from ner_core.evaluation.corpora import CorpusError, read_corpus


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_json_lines_plain_or_gzip_with_label_or_type(tmp_path, name):
    path = written(
        tmp_path,
        name,
        '{"id": "1", "text": "Ada saw Oslo",'
        ' "entities": [{"start": 0, "end": 3, "label": "PER"}]}\n'
        '{"id": "2", "text": "Ada", "entities": [{"start": 0, "end": 3, "type": "person"}]}\n',
    )

    first, second = read_corpus(path, "people")

    assert (first.id, first.label_set, entities(first)) == ("1", "people", [("Ada", "per")])
    assert entities(second) == [("Ada", "person")]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("B-PER I-PER O B-LOC", [("Ada Kern", "per"), ("Oslo", "loc")]),
        ("B-PER B-PER O I-LOC", [("Ada", "per"), ("Kern", "per"), ("Oslo", "loc")]),
        ("I-PER I-PER O I-LOC", [("Ada Kern", "per"), ("Oslo", "loc")]),
        ("I-PER I-LOC O O", [("Ada", "per"), ("Kern", "loc")]),
        ("B-PER E-PER O S-LOC", [("Ada Kern", "per"), ("Oslo", "loc")]),
        ("S-PER I-PER O U-LOC", [("Ada", "per"), ("Kern", "per"), ("Oslo", "loc")]),
    ],
)
def test_columns_in_every_usual_scheme(tmp_path, tags, expected):
    rows = zip("Ada Kern saw Oslo".split(), tags.split(), strict=True)
    content = "-DOCSTART- O\n\n" + "\n".join(f"{word} NN {tag}" for word, tag in rows) + "\n\n"

    [sentence] = read_corpus(written(tmp_path, "a.conll", content), "people")

    assert sentence.text == "Ada Kern saw Oslo"
    assert entities(sentence) == expected


def test_brat_files_are_cut_into_sentences_but_never_through_an_entity(tmp_path):
    text = "Ada Kern left. The film Stop. Go won in Oslo."
    written(tmp_path, "a.txt", text)
    work = text.index("Stop"), text.index(" won")
    path = written(
        tmp_path,
        "a.ann",
        f"T1\tPER 0 3;4 8\tAda Kern\nT2\tWork {work[0]} {work[1]}\tStop. Go\n"
        "R1\tx Arg1:T1 Arg2:T2\n",
    )

    first, second = read_corpus(path, "people")

    assert (first.text, entities(first)) == ("Ada Kern left.", [("Ada Kern", "per")])
    assert (second.text, entities(second)) == (
        "The film Stop. Go won in Oslo.",
        [("Stop. Go", "work")],
    )


def test_nested_entities_are_dropped_or_kept_as_asked(tmp_path):
    path = written(
        tmp_path,
        "a.jsonl",
        '{"text": "Bank of Oslo", "entities": [{"start": 0, "end": 12, "type": "org"},'
        ' {"start": 8, "end": 12, "type": "loc"}]}',
    )

    assert entities(read_corpus(path, "x")[0]) == [("Bank of Oslo", "org")]
    assert len(read_corpus(path, "x", nested="keep")[0].entities) == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"text": "Ada", "entities": [{"start": 0, "end": 9, "type": "x"}]}', r"\[0, 9\) x is no"),
        ('{"text": "Ada"}', "entities"),
        ("{", "line 1: Invalid JSON"),
        ("", "no labeled sentence"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path, content, said):
    with pytest.raises(CorpusError, match=said):
        read_corpus(written(tmp_path, "a.jsonl", content), "x")


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(CorpusError, match=r"nowhere\.jsonl: No such file or directory$"):
        read_corpus(tmp_path / "nowhere.jsonl", "x")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("# O\nOslo B-LOC\n", "# Oslo"),
        ("Go O\n# O\nOslo B-LOC\n", "Go # Oslo"),
        ("# sent_id = 1\n# text = Oslo\nOslo B-LOC\n", "Oslo"),
        ("# newdoc\n# SYM O\nOslo NN B-LOC\n", "# Oslo"),
        ("# text = O\nOslo B-LOC\n", "Oslo"),
        ("#oslo O\nOslo B-LOC\n", "#oslo Oslo"),
    ],
)
def test_a_number_sign_is_a_token_where_it_has_a_tag_and_else_begins_a_comment(
    tmp_path, content, text
):
    [sentence] = read_corpus(written(tmp_path, "a.conll", content), "x")

    assert sentence.text == text
    assert entities(sentence) == [("Oslo", "loc")]


@pytest.mark.parametrize("line", ["met", "met VBD", "met B-", "met b-PER", "#"])
def test_a_line_without_a_tag_is_refused_with_its_number(tmp_path, line):
    path = written(tmp_path, "a.conll", f"Ada B-PER\n\nBo B-PER\n{line}\nOslo B-LOC\n")

    with pytest.raises(CorpusError, match=rf"a\.conll, line 4: '{line}'"):
        read_corpus(path, "x")


def test_what_is_wrong_with_a_line_of_json_is_reported_with_its_number(tmp_path):
    path = written(
        tmp_path,
        "a.jsonl",
        '{"text": "Ada", "entities": []}\n\n{"id": "bo", "text": "Bo", "entities":'
        ' [{"start": 0, "end": 9, "type": "x"}]}\n',
    )

    with pytest.raises(CorpusError, match=r"a\.jsonl, line 3: bo: \[0, 9\) x is not a span"):
        read_corpus(path, "x")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "Ada"}', "entities"),
        ("{", "JSON"),
        ("[]", "object"),
        ('{"text": 1, "entities": []}', "text"),
        ('{"text": "Ada", "entities": [{"start": 0, "end": 3}]}', "type"),
    ],
)
def test_every_fault_of_a_line_of_json_names_the_line(tmp_path, line, message):
    path = written(tmp_path, "a.jsonl", '{"text": "Bo", "entities": []}\n' + line)

    with pytest.raises(CorpusError, match=rf"a\.jsonl, line 2: .*{message}"):
        read_corpus(path, "x")


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        ("T1\tPER 0 99\tAda", r"\[0, 99\) PER is not a span"),
        ("T1\tPER 50 53\tAda", r"\[50, 53\) PER is not a span"),
        ("T1\tPER", "line 1: .*not a brat entity"),
    ],
)
def test_a_brat_entity_outside_its_text_is_refused(tmp_path, annotation, message):
    written(tmp_path, "a.txt", "Ada left.")

    with pytest.raises(CorpusError, match=message):
        read_corpus(written(tmp_path, "a.ann", annotation), "x")
