"""What a pool knows of names."""

import numpy as np
import pytest

from ner_core.pool.name_index import examples, names_of
from ner_core.types import NONE, Demonstration, Span, TypedSpan


def sentence(text, *entities):
    spans = (
        TypedSpan(Span(text.index(name), text.index(name) + len(name)), kind)
        for name, kind in entities
    )
    return Demonstration(text, text, tuple(spans))


POOL = [
    sentence("Green led the Green Accord.", ("Green Accord", "party")),
    sentence("They play jazz in Varna on Friday.", ("jazz", "genre"), ("Varna", "place")),
    sentence("He sold jazz records.", ("jazz", "genre")),
    sentence("The Reform never came.", ("Reform", "party")),
    sentence("A reform of Reform, says Reform."),
]


def known_in(text, pool=POOL):
    pairs = examples(pool)
    vectors = {surface: np.zeros(1, np.float32) for surface, _ in pairs}
    return {text[s.start : s.end] for s in names_of(pool, pairs, vectors).occurrences(text)}


def test_what_is_capitalised_and_no_name_is_an_example_of_none():
    assert ("Friday", NONE) in examples(POOL)
    assert ("Green Accord", "party") in examples(POOL)
    assert ("Varna", NONE) not in examples(POOL)


def test_a_surface_that_is_a_name_wherever_it_stands_is_known_whatever_its_case():
    assert known_in("More jazz for Varna!") == {"jazz", "Varna"}


def test_a_surface_that_is_mostly_no_name_is_not_known():
    assert known_in("Reform, said the Green Accord.") == {"Green Accord"}


@pytest.mark.parametrize(("plain", "known"), [(2, {"jazz"}), (3, set())])
def test_a_surface_is_known_that_is_a_name_in_three_of_five_places(plain, known):
    named = [sentence("He sold jazz records.", ("jazz", "genre"))] * 3
    pool = named + [sentence("They like jazz.")] * plain

    assert known_in("More jazz!", pool) == known


@pytest.mark.parametrize(("surface", "known"), [("Ada", {"Ada"}), ("Bo", set())])
def test_a_known_surface_has_three_characters_or_more(surface, known):
    assert known_in(f"So {surface} left.", [sentence(f"{surface} came.", (surface, "x"))]) == known


def test_a_known_surface_is_a_run_of_whole_words():
    assert known_in("Jazzy jazzmen of Varnau") == set()


def test_a_pool_without_names_knows_none():
    pool = [sentence("Rain fell on Friday.")]

    assert names_of(pool, examples(pool), {}) is None
