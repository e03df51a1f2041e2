"""Labelled files of other makers are read exactly."""

import gzip

import pytest

from ner_core.evaluation.corpora import CorpusError, read_corpus


def entities(sentence):
    return [(sentence.surface(e), e.type) for e in sentence.entities]


def written(folder, name, content):
    path = folder / name
    raw = content.encode()
    path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    return path


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
        ("{", "JSONDecodeError"),
        ("", "no labelled sentence"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path, content, said):
    with pytest.raises(CorpusError, match=said):
        read_corpus(written(tmp_path, "a.jsonl", content), "x")


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(CorpusError, match="FileNotFoundError"):
        read_corpus(tmp_path / "nowhere.jsonl", "x")
