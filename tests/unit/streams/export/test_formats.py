"""Each format, read by the tool it is for, is equal to the record."""

import csv
import io
import json
from collections import Counter

import pytest
import spacy
from nervaluate import Evaluator
from spacy.tokens import DocBin
from support.tagged import entity, samples, tagged

from ner_core.evaluation.corpora import load_corpus
from streams.cli.export import Format
from streams.export.formats import FORMATS
from streams.export.tagged import Tagged
from streams.wire.entities import EntitiesRecord

NESTED = tagged(
    "Bank of England 🚀 and Ada\nLovelace, e\u0301cole.",
    entity(0, 15, "organization", votes={"organization": 2, "none": 1}),
    entity(8, 15, "location", verified=True),
    entity(22, 34, "person", score=0.9),
    title="Ada",
)
COLUMNS = "document_id,field,start,end,text,type,score,verified,votes,group,name,prominence,key"
FLAT = Counter({"organization": 1, "person": 1})


def of(documents, form):
    return FORMATS[form](list(documents))


def test_the_command_line_offers_every_format():
    assert {form.value for form in Format} == set(FORMATS)


@pytest.mark.parametrize("form", FORMATS)
def test_no_documents_are_a_file_all_the_same(form):
    exported = of([], form)

    assert not +exported.left_out
    assert exported.content or form in {"jsonl", "conll", "ninjs"}


def test_lines_of_json_are_the_records_with_their_texts():
    documents = [*samples(), NESTED, tagged("a \ud800 b", entity(2, 3))]
    lines = of(documents, "jsonl").content.splitlines()

    assert [EntitiesRecord.model_validate(json.loads(line)) for line in lines] == [
        document.record for document in documents
    ]
    assert [json.loads(line)["text"] for line in lines] == [d.text for d in documents]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "'="])
def test_cells_that_a_spreadsheet_takes_for_formulas_are_as_the_record_has_them(begin):
    text = f"{begin}1+1"
    content = of([tagged(text, entity(0, len(text)), id=text)], "csv").content.decode()
    [row] = csv.DictReader(io.StringIO(content, newline=""))

    assert (row["document_id"], row["text"]) == (text, text)
    assert len(row["text"]) == int(row["end"]) - int(row["start"])


def test_rows_have_all_that_the_record_says_of_each_entity():
    documents = [*samples(), NESTED, tagged('=1+1, "quoted"\nline', entity(0, 19), id="=")]
    [header, *rows] = csv.reader(io.StringIO(of(documents, "csv").content.decode(), newline=""))
    verified = {"": None, "true": True, "false": False}

    assert ",".join(header) == COLUMNS
    assert [
        (i, f, int(s), int(e), text, kind, float(score), verified[is_verified], json.loads(votes))
        for i, f, s, e, text, kind, score, is_verified, votes, *_ in rows
    ] == [
        (
            d.record.document_id,
            e.field,
            e.start,
            e.end,
            e.text,
            e.type,
            e.score,
            e.verified,
            e.votes,
        )
        for d in documents
        for e in d.record.entities
    ]


def read_columns(content, folder):
    """The names and types of a file of columns, as `tagwire eval` reads it."""
    path = folder / "feed.conll"
    path.write_bytes(content)
    sentences = load_corpus(path, "news").sentences
    return [(squeezed(s.surface(e)), e.type) for s in sentences for e in s.entities]


def squeezed(text):
    return "".join(text.split())


def test_columns_have_every_name_of_the_record_in_order(tmp_path):
    documents = list(samples())
    exported = of(documents, "conll")

    assert read_columns(exported.content, tmp_path) == [
        (squeezed(e.text), e.type)
        for d in documents
        for name in ("title", "text")
        for e in d.entities(name)
    ]
    assert not +exported.left_out


def test_columns_have_all_of_the_text_and_tags_that_another_tool_scores_as_right():
    documents = list(samples())
    blocks = of(documents, "conll").content.decode().split("\n\n")
    sentences = [b.splitlines() for b in blocks if b and not b.startswith("-DOCSTART-")]
    words = "".join(line.split(" ")[0] for sentence in sentences for line in sentence)
    tags = [[line.split(" ")[1] for line in sentence] for sentence in sentences]

    assert words == "".join(squeezed(text) for d in documents for _, text in d.fields)
    kinds = sorted({e.type for d in documents for e in d.record.entities})
    strict = Evaluator(tags, tags, tags=kinds, loader="list").evaluate()["overall"]["strict"]
    assert strict.correct == sum(len(d.record.entities) for d in documents)


def test_a_sentence_ends_in_no_name(tmp_path):
    document = tagged("He met Dr. No! Then he left.", entity(7, 19, "work"))

    assert read_columns(of([document], "conll").content, tmp_path) == [("Dr.No!Then", "work")]


def test_what_flat_formats_cannot_nest_is_counted(tmp_path):
    exported = of([NESTED], "conll")

    assert exported.left_out["nested or overlapping entities"] == 1
    assert Counter(kind for _, kind in read_columns(exported.content, tmp_path)) == FLAT


def test_columns_leave_markup_out(tmp_path):
    document = tagged("<p>AT&amp;T is old.</p>", entity(3, 11, "organization"))
    content = of([document], "conll").content

    assert b"<" not in content
    assert read_columns(content, tmp_path) == [("AT&T", "organization")]


@pytest.mark.parametrize("mark", ["\ufeff", "\0", "\ufeff\ufeff"])
def test_columns_leave_out_what_no_line_of_a_file_may_begin_with(tmp_path, mark):
    document = tagged(f"So {mark}Ada{mark} Kern left {mark}", entity(3, 11 + 2 * len(mark)))
    exported = of([document], "conll")

    assert (
        exported.content.decode().split()
        == "-DOCSTART- O So O Ada B-person Kern I-person left O".split()
    )
    assert read_columns(exported.content, tmp_path) == [("AdaKern", "person")]
    assert not +exported.left_out


def test_an_entity_that_no_columns_can_show_is_counted():
    exported = of([tagged("So \ufeff left", entity(3, 4))], "conll")

    assert exported.left_out["entities without a visible character"] == 1


@pytest.mark.parametrize("form", ["conll", "spacy", "label-studio"])
def test_documents_without_text_are_counted_and_the_others_are_there(form):
    exported = of([NESTED, Tagged(NESTED.record, None, "gone")], form)

    assert exported.left_out["documents without their text"] == 1
    assert exported.content == of([NESTED], form).content or form == "spacy"


@pytest.mark.parametrize("form", ["conll", "csv", "spacy"])
def test_lone_surrogates_are_replaced_and_counted(form):
    exported = of([tagged("Ada \ud800 x", entity(0, 5))], form)

    assert exported.left_out["lone surrogates, written as U+FFFD"] == 1


def docs(content):
    return list(DocBin().from_bytes(content).get_docs(spacy.blank("en").vocab))


def test_spacy_reads_texts_and_offsets_of_all_entities():
    documents = [*samples(), NESTED]
    read = docs(of(documents, "spacy").content)
    fields = [(d, name, text) for d in documents for name, text in d.fields]

    assert [doc.text for doc in read] == [text for _, _, text in fields]
    for doc, (document, name, _) in zip(read, fields, strict=True):
        assert doc.user_data["document_id"] == document.record.document_id
        found = zip(doc.spans["sc"], doc.user_data["scores"], strict=True)
        assert [(s.start_char, s.end_char, s.text, s.label_, score) for s, score in found] == [
            (e.start, e.end, e.text, e.type, e.score) for e in document.entities(name)
        ]


def test_spacy_gets_what_cannot_overlap_as_entities_and_the_rest_is_counted():
    exported = of([NESTED], "spacy")

    assert Counter(e.label_ for doc in docs(exported.content) for e in doc.ents) == FLAT
    assert +exported.left_out == {
        "nested or overlapping entities (in Doc.spans, not in Doc.ents)": 1
    }


@pytest.mark.parametrize("span", [(0, 4), (3, 7), (3, 4), (4, 7), (0, 10), (9, 10)])
def test_spacy_gets_entities_with_blanks_at_their_ends(span):
    [doc] = docs(of([tagged("Ada  met\n ", entity(*span))], "spacy").content)

    assert doc.text == "Ada  met\n "
    assert [(e.start_char, e.end_char) for e in doc.spans["sc"]] == [span]
