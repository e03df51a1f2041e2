"""What a pool knows of names."""

import pytest

from ner_core.modes import Modes
from ner_core.pool.name_index import examples
from ner_core.pool.pool import build_pool
from ner_core.testing import HashEmbedder
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


async def names_of(pool):
    numbered = [Demonstration(str(n), d.text, d.entities) for n, d in enumerate(pool)]
    modes = Modes(pool_votes=True)
    return (await build_pool(numbered, embedder=HashEmbedder(), modes=modes)).shelves["news"].names


async def known_in(text, pool=POOL):
    return {text[s.start : s.end] for s in (await names_of(pool)).occurrences(text)}


def test_what_is_capitalised_and_no_name_is_an_example_of_none():
    pairs = {pair for demonstration in POOL for pair in examples(demonstration)}

    assert ("Friday", NONE) in pairs
    assert ("Green Accord", "party") in pairs
    assert ("Varna", NONE) not in pairs


def test_in_context_a_name_with_wrong_borders_is_an_example_of_none():
    pairs = examples(POOL[0], context=True)

    assert ("Green Accord | Green led the [ Green Accord ].", "party") in pairs
    assert ("Accord | Green led the Green [ Accord ].", NONE) in pairs
    assert not any(surface.startswith("Accord |") for surface, _ in examples(POOL[0]))


async def test_a_surface_that_is_a_name_wherever_it_stands_is_known_whatever_its_case():
    assert await known_in("More jazz for Varna!") == {"jazz", "Varna"}


async def test_a_surface_that_is_mostly_no_name_is_not_known():
    assert await known_in("Reform, said the Green Accord.") == {"Green Accord"}


@pytest.mark.parametrize(("plain", "known"), [(2, {"jazz"}), (3, set())])
async def test_a_surface_is_known_that_is_a_name_in_three_of_five_places(plain, known):
    named = [sentence("He sold jazz records.", ("jazz", "genre"))] * 3
    pool = named + [sentence("They like jazz.")] * plain

    assert await known_in("More jazz!", pool) == known


@pytest.mark.parametrize(("surface", "known"), [("Ada", {"Ada"}), ("Bo", set())])
async def test_a_known_surface_has_three_characters_or_more(surface, known):
    assert (
        await known_in(f"So {surface} left.", [sentence(f"{surface} came.", (surface, "x"))])
        == known
    )


async def test_a_known_surface_is_a_run_of_whole_words():
    assert await known_in("Jazzy jazzmen of Varnau") == set()


async def test_a_pool_without_names_knows_none():
    pool = [sentence("Rain fell on Friday.")]

    assert await names_of(pool) is None
