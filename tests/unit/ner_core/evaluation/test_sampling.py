"""Samples are seeded; what is shown is never near what is asked."""

from ner_core.evaluation.sampling import pool_for, sample
from ner_core.types import Demonstration


def sentences(*texts):
    return [Demonstration(str(n), text, ()) for n, text in enumerate(texts)]


MANY = sentences(*(f"The {n}th storm of the year reached the coast of Norway." for n in range(30)))


def test_a_seed_gives_the_same_sample_and_another_seed_another():
    assert sample(MANY, 5, 0) == sample(MANY, 5, 0)
    assert sample(MANY, 5, 0) != sample(MANY, 5, 1)
    assert sample(MANY, 5, 0) == sample(MANY, None, 0)[:5]


def test_sentences_that_are_too_short_or_too_long_are_left_out():
    assert sample(sentences("No", "x" * 401, "Ada Kern left."), None, 0)[0].text == "Ada Kern left."


def test_a_sentence_near_a_query_is_never_shown():
    query = sentences("Ada Kern left the Bank of Oslo on Friday morning.")
    near = "Ada Kern left the Bank of Oslo on Monday."
    far = "Heavy rain kept the ferries of Bergen in port."

    pool = pool_for(sentences(near, far), query, number=9, seed=0)

    assert [d.text for d in pool] == [far]
