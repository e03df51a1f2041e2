"""What the pool is sure of, and how sure: P(type) by the nearest names."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from support.members import LABELS, sentences
from support.pools import name_index

from ner_core.pool import blocks
from ner_core.ports import Matrix
from ner_core.stages.extraction import Extraction
from ner_core.stages.pool_vote import POOL, PoolVoter
from ner_core.types import NONE, Sentence, Span

(SENTENCE,) = sentences("They saw Varna.")
VARNA = Span(9, 14)


class North:
    """Gives every text the same unit vector, so that names alone decide how near they are."""

    revision = "north"
    batches: list[list[str]]

    def __init__(self):
        self.batches = []

    async def embed(self, texts: Sequence[str]) -> Matrix:
        self.batches.append(list(texts))
        return np.array([[1, 0]] * len(texts), np.float32)


def at(cosine):
    return cosine, math.sqrt(1 - cosine**2)


def voter(*names, known=("Varna",), longest=1, embedder=None):
    """Make the pool of names, each a cosine to every surface and a type."""
    vectors = np.array([at(cosine) for cosine, _ in names], np.float32)
    kinds = tuple(kind for _, kind in names)
    index = name_index(vectors, kinds, known, longest)
    return PoolVoter(index, embedder or North(), LABELS)


def found(union=(), index=0):
    return Extraction({"a": {index: tuple((span, "") for span in union)}}, {index: tuple(union)})


async def vote_on(span, *names):
    _, votes = await voter(*names).propose_and_vote([SENTENCE], found([span]))
    return votes[SENTENCE, span]


async def proposed(*names, sentence=SENTENCE, **options):
    joined, _ = await voter(*names, **options).propose_and_vote([sentence], found())
    return {sentence.text[s.start : s.end]: name for s, name in joined.proposals[POOL][0]}


async def test_the_nearer_a_name_the_heavier_it_counts_for_its_type():
    vote = await vote_on(VARNA, (1.0, "LOC"), (0.9, "PER"), (0.8, "LOC"))

    total = 1 + math.exp(-1) + math.exp(-2)
    assert vote.model == POOL
    assert vote.type == "LOC"
    assert vote.probabilities == pytest.approx(
        {"LOC": (1 + math.exp(-2)) / total, "PER": math.exp(-1) / total, NONE: 0.0}, rel=1e-4
    )


async def test_names_of_types_that_are_not_asked_for_count_for_none():
    vote = await vote_on(VARNA, (0.9, "SHIP"), (0.9, NONE), (0.9, "PER"))

    assert vote.type == NONE
    assert vote.probabilities == pytest.approx({NONE: 2 / 3, "PER": 1 / 3, "LOC": 0.0})


async def test_a_difference_that_is_only_the_arithmetic_of_a_batch_makes_no_name_nearer():
    vote = await vote_on(VARNA, (0.90002, "PER"), (0.90004, "LOC"))

    assert vote.probabilities["PER"] == vote.probabilities["LOC"] == 0.5


async def test_the_eight_nearest_names_count_and_no_other():
    nearest = [(0.9, "PER")] * 4 + [(0.8, "LOC")] * 4
    vote = await vote_on(VARNA, (0.7, NONE), *nearest[::-1], (0.75, NONE))

    assert vote.probabilities[NONE] == 0.0
    assert vote.probabilities["LOC"] > 0.0


async def test_of_equally_near_names_the_first_in_the_pool_count():
    names = [(0.95 if n % 9 == 1 else 0.9, "PER" if n else "LOC") for n in range(60)]
    vote = await vote_on(VARNA, *names)

    weight = math.exp(-0.5)  # seven are nearer than the first, which is the eighth
    assert vote.probabilities["LOC"] == pytest.approx(weight / (7 + weight), rel=1e-4)


async def test_surfaces_that_are_compared_in_several_blocks_have_the_same_votes(monkeypatch):
    spans = [Span(0, 4), Span(5, 8), VARNA]
    pool = voter((0.9, "LOC"), (0.8, "PER"))
    at_once = await pool.propose_and_vote([SENTENCE], found(spans))
    monkeypatch.setattr(blocks, "MAX_CELLS", 2)

    assert await pool.propose_and_vote([SENTENCE], found(spans)) == at_once
    assert len(at_once[1]) == 3


async def test_what_is_sure_joins_the_union_as_a_proposal_of_the_pool_by_the_name_of_its_type():
    they = Span(0, 4)
    joined, votes = await voter((0.9, "LOC")).propose_and_vote([SENTENCE], found([they]))

    assert joined.union == {0: (they, VARNA)}
    assert joined.proposals == {"a": {0: ((they, ""),)}, POOL: {0: ((VARNA, "political place"),)}}
    assert set(votes) == {(SENTENCE, they), (SENTENCE, VARNA)}


@pytest.mark.parametrize(("cosine", "proposals"), [(0.5, {"Varna"}), (0.4999, set())])
async def test_a_proposal_needs_a_name_that_is_near(cosine, proposals):
    assert set(await proposed((cosine, "LOC"))) & {"Varna"} == proposals


@pytest.mark.parametrize(
    ("others", "proposals"), [(1, {"Varna"}), (2, set())], ids=["7 of 8", "6 of 8"]
)
async def test_a_proposal_needs_a_type_that_is_probable(others, proposals):
    names = [(0.9, "LOC")] * (8 - others) + [(0.9, "PER")] * others

    assert set(await proposed(*names)) & {"Varna"} == proposals


async def test_what_is_probably_none_is_not_proposed():
    assert await proposed((0.9, NONE)) == {}


async def test_of_proposals_that_touch_the_longest_is_kept_and_the_others_beside_it():
    (sentence,) = sentences("it saw new port york, bo")
    names = ["new", "new port", "port york", "port", "york", "bo"]

    assert await proposed((0.9, "LOC"), sentence=sentence, known=names, longest=2) == {
        "port york": "political place",
        "new": "political place",
        "bo": "political place",
    }


async def test_proposals_stand_in_the_order_of_the_text():
    (sentence,) = sentences("bo saw new port")
    pool = voter((0.9, "LOC"), known=["bo", "new port"], longest=2)

    joined, _ = await pool.propose_and_vote([sentence], found())

    assert [span for span, _ in joined.proposals[POOL][0]] == [Span(0, 2), Span(7, 15)]


async def test_what_touches_a_span_of_the_models_is_not_asked_about():
    longer = Span(5, 14)
    joined, votes = await voter((0.9, "LOC")).propose_and_vote([SENTENCE], found([longer]))

    assert set(votes) == {(SENTENCE, longer), (SENTENCE, Span(0, 4))}
    assert joined.union[0] == (Span(0, 4), longer)


async def test_what_a_window_may_have_cut_is_not_proposed():
    window = Sentence("text", 0, 0, "Bo met Ada in Varna", continued=True)

    assert set(await proposed((0.9, "LOC"), sentence=window)) == {"Bo", "Ada"}


async def test_each_surface_is_encoded_once_in_a_document():
    encoder = North()
    both = sentences("varna met varna", "varna left")
    nothing = Extraction({}, {0: (), 1: ()})

    pool = voter((0.9, "LOC"), known=["varna"], embedder=encoder)
    _, votes = await pool.propose_and_vote(both, nothing)

    assert encoder.batches == [["varna"]]
    assert len(votes) == 3


async def test_where_nothing_may_be_a_name_nothing_is_encoded():
    encoder = North()
    (sentence,) = sentences("it rained.")

    pool = voter((0.9, "LOC"), embedder=encoder)
    joined, votes = await pool.propose_and_vote([sentence], found())

    assert (joined.union, votes, encoder.batches) == ({0: ()}, {}, [])


async def test_too_few_vectors_are_an_error():
    class Short(North):
        async def embed(self, texts: Sequence[str]) -> Matrix:
            return (await super().embed(texts))[:-1]

    with pytest.raises(ValueError, match="shorter"):
        await voter((0.9, "LOC"), embedder=Short()).propose_and_vote([SENTENCE], found())


@pytest.mark.parametrize(
    "text", ["They saw Varna\u0301.", "They saw x_Varna.", "They saw Varna\u00adx."]
)
async def test_no_proposal_begins_or_ends_inside_a_word(text):
    (sentence,) = sentences(text)

    assert "Varna" not in await proposed((1, "LOC"), sentence=sentence)
