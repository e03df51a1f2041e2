"""What the encoder learns from: mentions of one source, typed, some of them no names."""

from itertools import islice

from ner_core.types import NONE, Demonstration, Span, TypedSpan
from training.mentions import batches


def sentence(text, name, kind):
    start = text.index(name)
    return Demonstration(text, text, (TypedSpan(Span(start, start + len(name)), kind),))


SOURCES = {
    "uner": [sentence(f"On Monday Ada Kern{n} left.", f"Ada Kern{n}", "per") for n in range(70)],
    "news": [sentence(f"In Varna{n} it rained all day.", f"Varna{n}", "place") for n in range(70)],
}


def drawn(number=20, seed=0):
    return list(islice(batches(SOURCES, seed), number))


def test_a_batch_has_mentions_of_one_source_and_spans_that_are_none():
    kinds = [set(batch.types) for batch in drawn()]

    assert {"per", NONE} in kinds
    assert {"place", NONE} in kinds
    assert all(len(kind) == 2 for kind in kinds)


def test_a_mention_is_read_in_its_context_and_a_name_never_counts_as_none():
    typed = [pair for b in drawn() for pair in zip(b.mentions, b.types, strict=True)]

    names = {mention for mention, kind in typed if kind == "per"}
    assert any(name.startswith("Ada Kern7 | On Monday [ Ada Kern7 ] left.") for name in names)
    assert not names & {mention for mention, kind in typed if kind == NONE}


def test_a_batch_has_some_eighty_mentions_of_many_sentences():
    for batch in drawn():
        assert 80 <= len(batch.mentions) <= 86
        assert len(batch.mentions) == len(batch.types) == len(batch.sentences)
        assert len(set(batch.sentences)) > 20
        assert len(batch.plain) <= 10


def test_the_same_seed_gives_the_same_batches():
    assert drawn() == drawn()
    assert drawn() != drawn(seed=1)
