"""Seeded samples of labeled sentences, and pools without near-duplicates of them."""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TypeVar

from ner_core.types import Demonstration

Item = TypeVar("Item")

TEST_CHARS = range(3, 401)
"""Lengths of sentences that are asked about."""
POOL_CHARS = range(15, 401)
"""Lengths of sentences that are shown."""

_NEAR = 0.5
_WORDS_TOGETHER = 3
_WORDS = re.compile(r"\w+")


def sample(
    sentences: Sequence[Demonstration], number: int | None, seed: int
) -> list[Demonstration]:
    """Return ``number`` of the sentences (all for ``None``), in a seeded order."""
    return _shuffled([s for s in sentences if len(s.text) in TEST_CHARS], seed)[:number]


def sample_documents(
    documents: Sequence[Sequence[Demonstration]], number: int | None, seed: int
) -> list[Sequence[Demonstration]]:
    """Return documents, in a seeded order, until they have ``number`` sentences (all for ``None``).

    The last one is whole too.
    """
    chosen, sentences = [], 0
    for document in _shuffled(documents, seed):
        if number is not None and sentences >= number:
            break
        chosen.append(document)
        sentences += len(document)
    return chosen


def omitted(sentences: Sequence[Demonstration], number: int | None) -> dict[str, int]:
    """Count the sentences that a sample of ``number`` leaves out, by reason."""
    fitting = sum(len(s.text) in TEST_CHARS for s in sentences)
    return {
        **_of_other_length("sentences", sentences, TEST_CHARS),
        "sentences over the limit": 0 if number is None else max(0, fitting - number),
    }


def unfit(source: Sequence[Demonstration]) -> dict[str, int]:
    """Count the sentences that can never be shown, by reason."""
    return _of_other_length("demonstrations", source, POOL_CHARS)


def pool_for(
    source: Sequence[Demonstration],
    queries: Sequence[Demonstration],
    *,
    number: int | None,
    seed: int,
) -> list[Demonstration]:
    """Return ``number`` sentences to show (all for ``None``), none a near-duplicate of a query.

    Two sentences are near-duplicates if they share over half of the three-word runs of the
    shorter one.
    """
    fitting = _shuffled([d for d in source if len(d.text) in POOL_CHARS], seed)
    return list(islice(_far(fitting, [_runs(q.text) for q in queries]), number))


def _of_other_length(
    what: str, sentences: Sequence[Demonstration], lengths: range
) -> dict[str, int]:
    return {
        f"{what} under {lengths.start} characters": sum(
            len(s.text) < lengths.start for s in sentences
        ),
        f"{what} over {lengths.stop - 1} characters": sum(
            len(s.text) >= lengths.stop for s in sentences
        ),
    }


def _shuffled(items: Sequence[Item], seed: int) -> list[Item]:
    shuffled = list(items)
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - a sample, no secrets
    return shuffled


def _far(pool: Sequence[Demonstration], seen: Sequence[frozenset[str]]) -> Iterator[Demonstration]:
    having: dict[str, list[int]] = defaultdict(list)
    for place, runs in enumerate(seen):
        for run in runs:
            having[run].append(place)
    for demonstration in pool:
        runs = _runs(demonstration.text)
        shared = Counter(place for run in runs for place in having.get(run, ()))
        if not any(n > _NEAR * min(len(runs), len(seen[place])) for place, n in shared.items()):
            yield demonstration


def _runs(text: str) -> frozenset[str]:
    words = _WORDS.findall(text.lower())
    number = max(1, len(words) - _WORDS_TOGETHER + 1)
    return frozenset(" ".join(words[i : i + _WORDS_TOGETHER]) for i in range(number))
