"""Stage 1: choose the demonstrations that are shown for a sentence, or for a whole document."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ner_core.concurrency import computed
from ner_core.modes import Modes
from ner_core.pool.ranking import Places, Scores
from ner_core.pool.shelf import Shelf
from ner_core.pool.span_similarity import SpanQuery
from ner_core.pool.span_weight import span_weight
from ner_core.ports import Embedder
from ner_core.types import Demonstration, Sentence, Span

BYTES_PER_TOKEN = 3.0
"""An estimate for prose; the server's own count decides."""

_RANDOM_DIGITS = 10
"""As many as single precision has: random scores are not rounded."""
_OF_A_QUERY = 200
"""What else is done for a query takes as long as so many products of vectors."""

Chosen = tuple[Demonstration, ...]


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
) -> dict[int, Chosen]:
    """Return the demonstrations of every sentence, best last or in canonical order.

    ``rough`` has the rough spans of each sentence by its index. The whole document is
    embedded in one call.

    Raises:
        EngineError: the embedder gave no answer.
    """
    if shelf is None or modes.demonstrations == 0 or not sentences:
        return {s.index: () for s in sentences}
    shared = _shared(modes)
    whole = _query(sentences, rough) if shared else None
    single = [_query([s], rough) for s in sentences] if shared < modes.demonstrations else []
    vectors = await _vectors([*([whole] if whole else []), *single], embedder, modes)
    selection = _Selection(shelf, vectors, modes)
    compared = len(shelf.spans.vectors) + len(shelf.ids) + _OF_A_QUERY
    products = (len(vectors) + len(single)) * compared
    common, own = await computed(products, partial(selection.choose_all, whole, single, shared))
    own = own or [()] * len(sentences)
    return {s.index: common + chosen for s, chosen in zip(sentences, own, strict=True)}


def _shared(modes: Modes) -> int:
    """Return the number of demonstrations that all sentences of a document share."""
    whole = modes.demonstration_scope == "document"
    return modes.demonstrations if whole else modes.shared_demonstrations


def _query(sentences: Sequence[Sentence], rough: Mapping[int, Sequence[Span]]) -> Query:
    weights: dict[str, int] = {}
    for sentence in sentences:
        for span in rough[sentence.index]:
            surface = sentence.text[span.start : span.end]
            weight = span_weight(surface, sentence_initial=span.start == 0)
            weights[surface] = max(weight, weights.get(surface, 0))
    weighted = {surface: weight for surface, weight in weights.items() if weight}
    return Query(tuple(weighted), tuple(weighted.values()), " ".join(s.text for s in sentences))


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


@dataclass(frozen=True, slots=True)
class _Selection:
    """Chooses demonstrations of a shelf; ``vectors`` has those of what queries compare."""

    shelf: Shelf
    vectors: Mapping[str, NDArray[np.float32]]
    modes: Modes

    def choose_all(
        self, whole: Query | None, single: Sequence[Query], shared: int
    ) -> tuple[Chosen, list[Chosen]]:
        """Return what all sentences share, and what each has besides."""
        common = self.choose([whole], shared)[0] if whole else ()
        number = self.modes.demonstrations - shared
        return common, self.choose(single, number, excluded=common)

    def choose(
        self, queries: Sequence[Query], number: int, *, excluded: Collection[Demonstration] = ()
    ) -> list[Chosen]:
        """Return the ``number`` best demonstrations for each query, within the token budget."""
        taken = {demonstration.id for demonstration in excluded}
        return [self._shown(scores, number, taken) for scores in self._scores(queries)]

    def _shown(self, scores: Scores, number: int, excluded: Collection[str]) -> Chosen:
        best = self._within_budget(self._spread(scores, number, excluded), number)
        if self.modes.demonstration_order == "canonical":
            return tuple(sorted(best, key=lambda d: d.id))
        return tuple(reversed(best))

    def _scores(self, queries: Sequence[Query]) -> Iterator[Scores]:
        """Yield the scores for each query, in order."""
        spans = self.shelf.spans.similarities(
            SpanQuery(
                np.array([self.vectors[s] for s in query.surfaces], np.float32), query.weights
            )
            for query in queries
            if self._by_spans(query)
        )
        for query in queries:
            if self.modes.retrieval == "random":
                yield _random_scores(query.text, self.shelf.ids, len(self.shelf.sentences))
            elif self._by_spans(query):
                yield next(spans)
            else:
                yield self.shelf.sentence_similarity(self.vectors[query.text])

    def _by_spans(self, query: Query) -> bool:
        return self.modes.retrieval == "spansim" and bool(query.surfaces)

    def _spread(
        self, scores: Scores, number: int, excluded: Collection[str]
    ) -> list[Demonstration]:
        """Reserve places for demonstrations without entities; the best of all others first."""
        empty = min(self.modes.empty_demonstrations, number)
        reserved = self._best(scores, empty, self.shelf.empty, excluded)
        taken = {*excluded, *(demonstration.id for demonstration in reserved)}
        return [*self._best(scores, number - len(reserved), self.shelf.live, taken), *reserved]

    def _best(
        self, scores: Scores, number: int, among: Places, excluded: Collection[str]
    ) -> list[Demonstration]:
        """Return the best that are not excluded, ties in the order of ids."""
        if not number:
            return []
        ids = self.shelf.ids
        best = scores.best(number + len(excluded), among, ids)
        places = [place for place, _ in best if ids[place] not in excluded]
        return [self.shelf.demonstration(place) for place in places[:number]]

    def _within_budget(self, ranked: Sequence[Demonstration], number: int) -> list[Demonstration]:
        """Return those before the first that exceeds the token budget of ``number``."""
        fitting: list[Demonstration] = []
        left = self.modes.demonstration_tokens * number / self.modes.demonstrations
        for demonstration in ranked:
            left -= estimated_tokens(demonstration)
            if left < 0:
                break
            fitting.append(demonstration)
        return fitting


def _random_scores(text: str, ids: Sequence[str], number: int) -> Scores:
    """Return scores in [0, 1) that depend on the text and the demonstration's id alone."""
    digests = (hashlib.sha256((text + ids[n]).encode("utf-8", "replace")) for n in range(number))
    scores = np.array([int(d.hexdigest()[:8], 16) / 2**32 for d in digests])
    rough = scores.astype(np.float32)
    return Scores(rough, 0.0, rough.astype(np.float64).__getitem__, digits=_RANDOM_DIGITS)


def estimated_tokens(demonstration: Demonstration) -> int:
    """Return the tokens a demonstration takes in a prompt, estimated from its bytes."""
    size = len(demonstration.text.encode("utf-8", "replace")) + 24
    size += sum(2 * (e.span.end - e.span.start) + 16 for e in demonstration.entities)
    return round(size / BYTES_PER_TOKEN)
