"""The records of the benchmarks: the same for the same seed, and of the size that they say."""

from bench import texts
from bench.results import table

from ner_core.text.sentences import split
from ner_core.types import Document


def made(number, seed):
    return [document["text"] for document in texts.documents(number, seed)]


def test_a_seed_gives_the_same_documents_whatever_their_number():
    assert made(5, 1) == made(9, 1)[:5]
    assert made(5, 1) != made(5, 2)


def test_a_document_has_five_sentences():
    for text in made(50, 1):
        document = Document("x", text)
        sentences = split(document, max_chars=1000, overlap_chars=100, whole_fields=False)
        assert len(sentences) == texts.SENTENCES


def test_no_document_repeats():
    assert len(set(made(500, 1))) == 500


def test_a_table_is_markdown():
    assert table(("a", "b"), [("1", "2")]) == "| a | b |\n|---|---|\n| 1 | 2 |"
