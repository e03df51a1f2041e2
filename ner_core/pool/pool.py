"""The pool: demonstrations with their vectors, an immutable snapshot with a version."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import orjson

from ner_core.ensemble import Modes
from ner_core.pool.name_index import NameIndex, examples, names_of
from ner_core.pool.span_similarity import Segments
from ner_core.ports import Embedder, Matrix
from ner_core.text.candidate_spans import rough_spans
from ner_core.types import Demonstration

_USUAL = Modes()


@dataclass(frozen=True, slots=True)
class Shelf:
    """The demonstrations of one label set, by id, with vectors of texts and spans.

    ``sentences`` has shape (demonstrations, d). ``names`` are there where the pool votes.
    """

    demonstrations: tuple[Demonstration, ...]
    sentences: Matrix
    spans: Segments
    names: NameIndex | None = None


def empty_share(demonstrations: Sequence[Demonstration]) -> float:
    """Give the share of demonstrations that hold no entity; 0 where there are none."""
    return sum(not d.entities for d in demonstrations) / max(1, len(demonstrations))


@dataclass(frozen=True, slots=True)
class Pool:
    """All demonstrations, a shelf per label set; ``version`` is a hash of their content."""

    version: str
    shelves: dict[str, Shelf]

    def __len__(self) -> int:
        return sum(len(shelf.demonstrations) for shelf in self.shelves.values())


EMPTY = Pool("empty", {})
"""The pool before anything was read: every question is asked without demonstrations."""


async def build_pool(
    demonstrations: Iterable[Demonstration], *, embedder: Embedder, modes: Modes = _USUAL
) -> Pool:
    """Embed the demonstrations, as far as the modes need it, and give the snapshot.

    Raises:
        EngineError: the embedder gave no answer.
    """
    ordered = sorted(demonstrations, key=lambda d: d.id)
    if not ordered:
        return EMPTY
    names = sorted({d.label_set for d in ordered})
    shelves = {
        name: await _shelf(tuple(d for d in ordered if d.label_set == name), embedder, modes)
        for name in names
    }
    return Pool(version_of(ordered, modes.candidate_spans), shelves)


def version_of(demonstrations: Iterable[Demonstration], candidate_spans: str = "gold") -> str:
    """Give the version of a pool of these demonstrations."""
    content = [
        (d.id, d.label_set, d.text, [(e.span.start, e.span.end, e.type) for e in d.entities])
        for d in sorted(demonstrations, key=lambda d: d.id)
    ]
    return hashlib.sha256(orjson.dumps([candidate_spans, content])).hexdigest()[:16]


async def _shelf(
    demonstrations: tuple[Demonstration, ...], embedder: Embedder, modes: Modes
) -> Shelf:
    surfaces = [_surfaces(d, modes.candidate_spans) for d in demonstrations]
    texts = [d.text for d in demonstrations]
    pairs = examples(demonstrations) if modes.pool_votes else ()
    wanted = [*texts, *(s for s, _ in pairs), *(s for group in surfaces for s in group)]
    distinct = list(dict.fromkeys(wanted))
    vectors = dict(zip(distinct, await embedder.embed(distinct), strict=True))
    rows = [vectors[s] for group in surfaces for s in group]
    spans = (
        np.array(rows, np.float32) if rows else np.zeros((0, len(vectors[texts[0]])), np.float32)
    )
    counts = np.array([len(group) for group in surfaces], np.int64)
    sentences = np.array([vectors[t] for t in texts], np.float32)
    names = names_of(demonstrations, pairs, vectors)
    return Shelf(demonstrations, sentences, Segments(spans, counts), names)


def _surfaces(demonstration: Demonstration, candidate_spans: str) -> Sequence[str]:
    if candidate_spans == "gold":
        return tuple(dict.fromkeys(demonstration.surface(e) for e in demonstration.entities))
    return tuple(
        dict.fromkeys(demonstration.text[s.start : s.end] for s in rough_spans(demonstration.text))
    )
