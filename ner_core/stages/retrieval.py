"""Stage 1: the demonstrations that are shown for a sentence, or for a whole document."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ner_core.ensemble import Modes
from ner_core.pool.pool import Shelf
from ner_core.pool.span_similarity import span_similarity, span_weight
from ner_core.ports import Embedder, Matrix
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
    shared = _shared(modes)
    queries = [_query(sentences, rough)] if shared else []
    if shared < modes.demonstrations:
        queries += [_query([sentence], rough) for sentence in sentences]
    vectors = await _vectors(queries, embedder, modes)
    common = _choose(queries[0], vectors, shelf, modes, shared) if shared else ()
    if shared == modes.demonstrations:
        return {s.index: common for s in sentences}
    own = modes.demonstrations - shared
    return {
        s.index: common + _choose(query, vectors, shelf, modes, own, barred=common)
        for s, query in zip(sentences, queries[bool(shared) :], strict=True)
    }


def _shared(modes: Modes) -> int:
    """Give how many demonstrations all sentences of a document have in common."""
    whole = modes.demonstration_scope == "document"
    return modes.demonstrations if whole else modes.shared_demonstrations


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


def _choose(  # noqa: PLR0913 - what a choice depends on, all of it
    query: Query,
    vectors: Mapping[str, NDArray[np.float32]],
    shelf: Shelf,
    modes: Modes,
    number: int,
    *,
    barred: Collection[Demonstration] = (),
) -> tuple[Demonstration, ...]:
    scores = _scores(query, vectors, shelf, modes)
    order = np.lexsort((np.arange(len(scores)), -scores))
    seen = {demonstration.id for demonstration in barred}
    ranked = [shelf.demonstrations[i] for i in order if shelf.demonstrations[i].id not in seen]
    best = _within_budget(_spread(ranked, number, modes), number, modes)
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


def _spread(ranked: Sequence[Demonstration], number: int, modes: Modes) -> list[Demonstration]:
    """Reserve places for demonstrations that hold no entity; the best of all else first."""
    empty = [one for one in ranked if not one.entities]
    reserved = empty[: min(modes.empty_demonstrations, number)]
    full = [one for one in ranked if one not in reserved]
    return full[: number - len(reserved)] + reserved


def _within_budget(
    ranked: Sequence[Demonstration], number: int, modes: Modes
) -> list[Demonstration]:
    """Give those that fit into the tokens which as many demonstrations may take."""
    kept: list[Demonstration] = []
    left = modes.demonstration_tokens * number / modes.demonstrations
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
