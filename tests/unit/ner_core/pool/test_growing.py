"""Arrays that grow: what came first stays first, and what was seen stays as it was."""

import numpy as np
import pytest

from ner_core.pool.growing import GrowingInts
from ner_core.pool.pool import build_pool
from ner_core.testing import HashEmbedder
from ner_core.types import Demonstration, Span, TypedSpan


@pytest.mark.parametrize("at_once", [1, 7, 3_000, 20_000])
def test_integers_are_in_the_order_in_which_they_came(at_once):
    ints = GrowingInts()
    for start in range(0, 20_000, at_once):
        ints.append(range(start, min(start + at_once, 20_000)))

    assert len(ints) == 20_000
    assert np.array_equal(ints.view(), np.arange(20_000))


def test_a_view_of_integers_stays_as_it_was():
    ints = GrowingInts()
    ints.append([1, 2])
    before = ints.view()
    ints.append(range(10_000))

    assert before.tolist() == [1, 2]
    assert len(ints.view()) == len(ints) == 10_002


def test_what_is_changed_in_a_view_stays_changed():
    ints = GrowingInts()
    ints.append([1, 2])
    ints.view()[0] = 5
    ints.append([3])

    assert ints.view().tolist() == [5, 2, 3]


@pytest.mark.parametrize(
    ("offsets", "nested"),
    [
        ([(0, 3), (3, 6)], False),
        ([(0, 3), (0, 3)], False),
        ([(0, 4), (2, 6)], False),
        ([(0, 6), (2, 4)], True),
        ([(0, 3), (0, 6)], True),
        ([(4, 6), (0, 6)], True),
    ],
)
async def test_a_shelf_knows_whether_entities_are_parts_of_others(offsets, nested):
    entities = tuple(TypedSpan(Span(*each), "person") for each in offsets)
    one = Demonstration("a", "Ada Bo", entities)

    pool = await build_pool([one], embedder=HashEmbedder())

    assert pool.shelves["news"].nested is nested
