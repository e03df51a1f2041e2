"""Our strict scores are those of a library that others keep."""

import random

import pytest
from nervaluate import Evaluator

from ner_core.evaluation.scores import by_type, figures

KINDS = ("person", "location", "work")
SLOT = 6


def in_slot(slot, chance):
    """An entity in its own part of the text: nothing overlaps, as the library expects."""
    start = SLOT * slot + chance.randint(0, 2)
    return start, start + chance.randint(1, 3), chance.choice(KINDS)


def entities(chance):
    return {in_slot(slot, chance) for slot in range(8) if chance.random() < 0.6}


def predicted(gold, chance):
    """Some right, some of another type or place, some missed, some invented."""
    by_slot = {one[0] // SLOT: one for one in gold}
    found = set()
    for slot in range(9):
        if slot in by_slot and chance.random() < 0.5:
            found.add(by_slot[slot])
        elif chance.random() < 0.5:
            found.add(in_slot(slot, chance))
    return found


def listed(found):
    return [{"label": kind, "start": start, "end": end} for start, end, kind in sorted(found)]


@pytest.mark.parametrize("seed", range(5))
def test_precision_recall_and_f1_are_equal_to_the_last_digit(seed):
    chance = random.Random(seed)
    gold = [entities(chance) for _ in range(40)]
    pairs = [(g, predicted(g, chance)) for g in gold]
    true, found = ([listed(side) for side in sides] for sides in zip(*pairs, strict=True))

    theirs = Evaluator(true, found, tags=list(KINDS), loader="dict").evaluate()

    told = figures(pairs)
    strict = theirs["overall"]["strict"]
    assert [told.precision, told.recall, told.f1] == [
        round(100 * x, 1) for x in (strict.precision, strict.recall, strict.f1)
    ]
    for kind, score in by_type(pairs).items():
        assert score.f1 == pytest.approx(theirs["entities"][kind]["strict"].f1, abs=1e-12)
