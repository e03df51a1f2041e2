"""The pool: demonstrations with their vectors, an immutable snapshot with a version."""

import asyncio
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import orjson
from numpy.typing import NDArray

from ner_core.ensemble import Modes
from ner_core.errors import UnknownTypeError
from ner_core.labels import LabelSet
from ner_core.pool.name_index import NameIndex, examples, names_of, punctuated
from ner_core.pool.span_similarity import Segments
from ner_core.ports import Embedder, Matrix
from ner_core.text.candidate_spans import rough_spans
from ner_core.text.overlaps import parts_of
from ner_core.types import Demonstration

_DEFAULTS = Modes()


@dataclass(frozen=True, slots=True)
class Shelf:
    """The demonstrations of one label set, by id, with vectors of texts and spans.

    ``sentences`` has shape (demonstrations, d). ``names`` is ``None`` unless the pool votes.
    ``punctuated`` finds names with a period or the like inside, which no sentence ends in.
    ``nested``: entities are parts of others.
    """

    demonstrations: tuple[Demonstration, ...]
    sentences: Matrix
    spans: Segments
    names: NameIndex | None = None
    punctuated: re.Pattern[str] | None = None
    nested: bool = False


def empty_share(demonstrations: Sequence[Demonstration]) -> float:
    """Return the share of demonstrations without entities, in [0, 1]; 0 if there are none."""
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
    demonstrations: Iterable[Demonstration], *, embedder: Embedder, modes: Modes = _DEFAULTS
) -> Pool:
    """Return a snapshot of the demonstrations, embedded as far as the modes need it.

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
    return Pool(await asyncio.to_thread(version_of, ordered, modes.candidate_spans), shelves)


def require_known_types(
    demonstration: Demonstration, label_sets: Mapping[str, LabelSet]
) -> Demonstration:
    """Return a demonstration whose types are all in its label set.

    A demonstration of a label set that is not registered is returned too: no document can ask
    for it.

    Raises:
        UnknownTypeError: the label set does not have the type of an entity.
    """
    if labels := label_sets.get(demonstration.label_set):
        for entity in demonstration.entities:
            if entity.type not in labels.ids:
                raise UnknownTypeError(demonstration.id, entity.type, known=labels.ids)
    return demonstration


def version_of(demonstrations: Iterable[Demonstration], candidate_spans: str = "gold") -> str:
    """Return the version of a pool of these demonstrations."""
    content = [
        (d.id, d.label_set, d.text, [(e.span.start, e.span.end, e.type) for e in d.entities])
        for d in sorted(demonstrations, key=lambda d: d.id)
    ]
    return hashlib.sha256(orjson.dumps([candidate_spans, content])).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class _Draft:
    """What of a shelf is to be embedded: texts, candidate spans, and pairs of the name index."""

    demonstrations: tuple[Demonstration, ...]
    surfaces: Sequence[Sequence[str]]
    pairs: Sequence[tuple[str, str]]

    @property
    def strings(self) -> list[str]:
        """Distinct strings to embed."""
        texts = (d.text for d in self.demonstrations)
        surfaces = (s for group in self.surfaces for s in group)
        return list(dict.fromkeys([*texts, *(s for s, _ in self.pairs), *surfaces]))

    def shelf(self, vectors: Mapping[str, NDArray[np.float32]]) -> Shelf:
        """Return the shelf, given a vector for each string."""
        sentences = np.array([vectors[d.text] for d in self.demonstrations], np.float32)
        rows = [vectors[s] for group in self.surfaces for s in group]
        spans = np.array(rows, np.float32) if rows else sentences[:0]
        counts = np.array([len(group) for group in self.surfaces], np.int64)
        names = names_of(self.demonstrations, self.pairs, vectors)
        nested = any(parts_of({e.span for e in d.entities}) for d in self.demonstrations)
        return Shelf(
            self.demonstrations,
            sentences,
            Segments(spans, counts),
            names,
            punctuated(self.demonstrations),
            nested,
        )


async def _shelf(
    demonstrations: tuple[Demonstration, ...], embedder: Embedder, modes: Modes
) -> Shelf:
    """Return a shelf; what takes long for many demonstrations runs in a thread."""
    draft = await asyncio.to_thread(_draft, demonstrations, modes)
    strings = draft.strings
    vectors = dict(zip(strings, await embedder.embed(strings), strict=True))
    return await asyncio.to_thread(draft.shelf, vectors)


def _draft(demonstrations: tuple[Demonstration, ...], modes: Modes) -> _Draft:
    surfaces = [_surfaces(d, modes.candidate_spans) for d in demonstrations]
    return _Draft(demonstrations, surfaces, examples(demonstrations) if modes.pool_votes else ())


def _surfaces(demonstration: Demonstration, candidate_spans: str) -> Sequence[str]:
    if candidate_spans == "gold":
        return tuple(dict.fromkeys(demonstration.surface(e) for e in demonstration.entities))
    text = demonstration.text
    return tuple(dict.fromkeys(text[s.start : s.end] for s in rough_spans(text)))
