"""Documents of labeled files: which sentences are of one, and its text as a whole."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.corpora import written

from ner_core.evaluation.corpora import load_corpus
from ner_core.evaluation.documents import by_document, joined, parted
from ner_core.evaluation.sampling import pool_for, sample_documents
from ner_core.types import Demonstration, Span, TypedSpan


def sentence(name, text="Ada left."):
    return Demonstration(name, text, (TypedSpan(Span(0, 3), "person"),))


def documents_of(tmp_path, name, content):
    return list(load_corpus(written(tmp_path, name, content), "x").documents)


def test_lines_of_json_state_their_document(tmp_path):
    lines = [{"text": "Ada left.", "entities": [], "doc": doc} for doc in ("a", "a", 7, None)]
    content = "\n".join(map(json.dumps, [*lines, {"text": "Bo left.", "entities": []}]))

    assert documents_of(tmp_path, "a.jsonl", content) == ["a", "a", "7", "", ""]


WORDS = "Ada B-PER\nleft O\n\nBo B-PER\nleft O\n"


@pytest.mark.parametrize("mark", ["-DOCSTART- O", "-DOCSTART- -X- -X- O", "#begin document (a);"])
def test_columns_begin_a_document_with_a_mark(tmp_path, mark):
    content = f"{mark}\n\n{WORDS}\n{mark}\n\n{WORDS}"

    assert documents_of(tmp_path, "a.conll", content) == ["1", "1", "2", "2"]


def test_numbered_words_begin_a_document_with_newdoc(tmp_path):
    words = "# text = Ada left\n1\tAda\tB-PER\n2\tleft\tO\n\n"
    content = f"# newdoc id = a\n{words}{words}# newdoc\n{words}"

    assert documents_of(tmp_path, "a.conllu", content) == ["1", "1", "2"]


def test_columns_without_marks_state_no_documents(tmp_path):
    assert documents_of(tmp_path, "a.conll", WORDS) == ["", ""]


def test_a_file_of_brat_is_a_document(tmp_path):
    written(tmp_path, "a.txt", "Ada left. Bo left.")

    assert documents_of(tmp_path, "a.ann", "T1\tPER 0 3\tAda\nT2\tPER 10 12\tBo\n") == ["a", "a"]


def test_sentences_are_grouped_in_order_and_one_without_a_document_is_one():
    named = [sentence(name) for name in "abcde"]

    groups = by_document(named, ["x", "", "x", "y", ""])

    assert [[s.id for s in group] for group in groups] == [["a", "c"], ["b"], ["d"], ["e"]]


def test_one_sentence_alone_is_as_it_was():
    assert joined([sentence("a")]) == sentence("a")


@given(st.lists(st.text("ab \u0301🚀", min_size=3), min_size=1))
@settings(max_examples=100, deadline=None, derandomize=True, database=None)
def test_entities_are_where_they_were_in_the_text_of_the_document(texts):
    sentences = [sentence(str(n), text) for n, text in enumerate(texts)]
    whole = joined(sentences)

    assert [whole.surface(e) for e in whole.entities] == [text[:3] for text in texts]
    assert list(parted(whole.text)) == [
        (e.span.start, text) for e, text in zip(whole.entities, texts, strict=True)
    ]


MANY = [[sentence(f"{d}/{n}") for n in range(3)] for d in range(20)]


def test_a_sample_has_whole_documents_until_it_has_the_sentences():
    assert len(sample_documents(MANY, None, 0)) == 20
    assert [len(d) for d in sample_documents(MANY, 7, 0)] == [3, 3, 3]
    assert sample_documents(MANY, 7, 0) == sample_documents(MANY, 7, 0)
    assert sample_documents(MANY, 7, 0) != sample_documents(MANY, 7, 1)


def test_a_pool_without_a_number_has_all_that_is_not_near_the_test():
    source = [sentence(str(n), f"Ada{n} left port{n} for town{n} on day{n}.") for n in range(2000)]
    query = sentence("q", "Ada7 left port7 for town7 on day7!")

    pool = pool_for(source, [query], number=None, seed=0)

    assert len(pool) == 1999
    assert "7" not in {d.id for d in pool}
    assert pool_for(source, [query], number=5, seed=0) == pool[:5]
    assert pool_for(source, [query], number=0, seed=0) == []
