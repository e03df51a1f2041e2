"""Stage 1: the demonstrations that are shown for a sentence, or for a whole document."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ner_core.ensemble import Modes
from ner_core.pool import Shelf
from ner_core.ports import Embedder, Matrix
from ner_core.similarity import span_similarity, span_weight
from ner_core.types import Demonstration, Sentence, Span

BYTES_PER_TOKEN = 3.0
"""What a token of prose is reckoned at; the server's own count has the last word."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is compared with the pool: distinct weighted surfaces, and the text itself."""

    surfaces: tuple[str, ...]
    weights: tuple[int, ...]
    text: str


async def retrieve(
    sentences: Sequence[Sentence],
    rough: Mapping[int, Sequence[Span]],
    *,
    shelf: Shelf | None,
    embedder: Embedder,
    modes: Modes,
) -> dict[int, tuple[Demonstration, ...]]:
    """Give the demonstrations of every sentence, best last or in canonical order.

    ``rough`` holds the rough spans of each sentence by its index. The vectors of the
    whole document are asked for at once.

    Raises:
        EngineError: the embedder gave no answer.
    """
    if shelf is None or modes.demonstrations == 0 or not sentences:
        return {s.index: () for s in sentences}
    queries = _queries(sentences, rough, modes)
    vectors = await _vectors(queries, embedder, modes)
    chosen = [_choose(query, vectors, shelf, modes) for query in queries]
    if modes.demonstration_scope == "document":
        return {s.index: chosen[0] for s in sentences}
    return {s.index: c for s, c in zip(sentences, chosen, strict=True)}


def _queries(
    sentences: Sequence[Sentence], rough: Mapping[int, Sequence[Span]], modes: Modes
) -> list[Query]:
    if modes.demonstration_scope == "document":
        return [_query(sentences, rough)]
    return [_query([sentence], rough) for sentence in sentences]


def _query(sentences: Sequence[Sentence], rough: Mapping[int, Sequence[Span]]) -> Query:
    weights: dict[str, int] = {}
    for sentence in sentences:
        for span in rough[sentence.index]:
            surface = sentence.text[span.start : span.end]
            weight = span_weight(surface, sentence_initial=span.start == 0)
            weights[surface] = max(weight, weights.get(surface, 0))
    kept = {surface: weight for surface, weight in weights.items() if weight}
    return Query(tuple(kept), tuple(kept.values()), " ".join(s.text for s in sentences))


async def _vectors(
    queries: Sequence[Query], embedder: Embedder, modes: Modes
) -> dict[str, NDArray[np.float32]]:
    if modes.retrieval == "random":
        return {}
    texts = list(dict.fromkeys(t for query in queries for t in _compared(query, modes)))
    return dict(zip(texts, await embedder.embed(texts), strict=True))


def _compared(query: Query, modes: Modes) -> tuple[str, ...]:
    if modes.retrieval == "spansim" and query.surfaces:
        return query.surfaces
    return (query.text,)


def _choose(
    query: Query, vectors: Mapping[str, NDArray[np.float32]], shelf: Shelf, modes: Modes
) -> tuple[Demonstration, ...]:
    scores = _scores(query, vectors, shelf, modes)
    order = np.lexsort((np.arange(len(scores)), -scores))
    ranked = _spread(order, shelf, modes)
    best = _within_budget([shelf.demonstrations[i] for i in ranked], modes)
    if modes.demonstration_order == "canonical":
        return tuple(sorted(best, key=lambda d: d.id))
    return tuple(reversed(best))


def _scores(
    query: Query, vectors: Mapping[str, NDArray[np.float32]], shelf: Shelf, modes: Modes
) -> Matrix:
    if modes.retrieval == "random":
        digests = [
            hashlib.sha256((query.text + d.id).encode("utf-8", "replace"))
            for d in shelf.demonstrations
        ]
        return np.array([int(d.hexdigest()[:8], 16) / 2**32 for d in digests], np.float32)
    if modes.retrieval == "spansim" and query.surfaces:
        rows = np.array([vectors[s] for s in query.surfaces], np.float32)
        return span_similarity(rows, np.array(query.weights, np.float32), shelf.spans)
    return np.round(shelf.sentences @ vectors[query.text], 4)


def _spread(order: NDArray[np.int64], shelf: Shelf, modes: Modes) -> list[int]:
    """Reserve places for demonstrations that hold no entity; the best of all else first."""
    empty = [int(i) for i in order if not shelf.demonstrations[i].entities]
    reserved = empty[: modes.empty_demonstrations]
    full = [int(i) for i in order if int(i) not in reserved]
    return full[: modes.demonstrations - len(reserved)] + reserved


def _within_budget(ranked: Sequence[Demonstration], modes: Modes) -> list[Demonstration]:
    kept: list[Demonstration] = []
    left = modes.demonstration_tokens
    for demonstration in ranked:
        left -= tokens_reckoned(demonstration)
        if left < 0:
            break
        kept.append(demonstration)
    return kept


def tokens_reckoned(demonstration: Demonstration) -> int:
    """Tokens a demonstration takes in a prompt, reckoned from its bytes."""
    size = len(demonstration.text.encode("utf-8", "replace")) + 24
    size += sum(2 * (e.span.end - e.span.start) + 16 for e in demonstration.entities)
    return round(size / BYTES_PER_TOKEN)
