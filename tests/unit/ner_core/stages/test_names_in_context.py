"""What the pool compares of a name: its surface alone, or the words around it too."""

from collections.abc import Sequence

import numpy as np
import pytest
from support.members import LABELS, sentences

from ner_core.modes import Modes
from ner_core.pool.pool import build_pool
from ner_core.ports import Matrix
from ner_core.stages.pool_vote import PoolVoter
from ner_core.types import Demonstration, Span, TypedSpan

POOL = [
    ("In Paris it rains.", Span(3, 8), "LOC"),
    ("As Paris said to us.", Span(3, 8), "PER"),
]


class Verbs:
    """Knows of a text only whether the name in brackets is Paris, and said something."""

    revision = "verbs"

    async def embed(self, texts: Sequence[str]) -> Matrix:
        known = ("] said", "[ Paris ]", "")
        found = [next(i for i, words in enumerate(known) if words in text) for text in texts]
        return np.eye(len(known), dtype=np.float32)[found]


async def winner(text, *, context):
    pool = [
        Demonstration(text, text, (TypedSpan(span, kind),), LABELS.id) for text, span, kind in POOL
    ]
    modes = Modes(pool_votes=True, names_in_context=context)
    shelf = (await build_pool(pool, embedder=Verbs(), modes=modes)).shelves[LABELS.id]
    voter = PoolVoter.of(shelf, Verbs(), LABELS, context=context)
    (sentence,) = sentences(text)
    (vote,) = (await voter.vote([(sentence, Span(0, 5))])).values()
    return vote


@pytest.mark.parametrize(("text", "kind"), [("Paris said no.", "PER"), ("Paris has it.", "LOC")])
async def test_one_surface_has_the_type_of_the_names_in_a_like_context(text, kind):
    vote = await winner(text, context=True)

    assert vote.type == kind
    assert vote.probabilities[kind] > 0.9


async def test_surfaces_alone_are_as_near_to_a_name_whatever_stands_around_it():
    said = await winner("Paris said no.", context=False)
    has = await winner("Paris has it.", context=False)

    assert said.probabilities == has.probabilities
