"""Many documents and long ones are exported in a time that grows as they do."""

import time

from support.tagged import entity, tagged

from streams.export.formats import FORMATS

SENTENCE = "Ada met Bob in Oslo today. "
NAMES = (entity(0, 3), entity(8, 11), entity(15, 19, "location"))


def long_document(sentences):
    """A document with three names in every sentence."""
    starts = range(0, sentences * len(SENTENCE), len(SENTENCE))
    moved = [e | {"start": at + e["start"], "end": at + e["end"]} for at in starts for e in NAMES]
    return tagged(SENTENCE * sentences, *moved)


def exported_within(most_s, form, documents):
    """What a format makes of documents, if it does not take longer."""
    began = time.process_time()
    exported = FORMATS[form](documents)
    assert time.process_time() - began < most_s
    return exported


def test_five_thousand_items_of_ninjs_take_a_second():
    document = tagged("x" * 1000)

    content = exported_within(1, "ninjs", [document] * 5_000).content

    assert content.count(b"\n") == 5_000


def test_columns_of_a_long_document_with_many_names_take_a_second():
    content = exported_within(1, "conll", [long_document(1000)]).content

    assert content.count(b"Oslo B-location") == 1000
