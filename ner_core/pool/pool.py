"""The pool: demonstrations with their vectors, an immutable snapshot with a version."""

import asyncio
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ner_core.errors import UnknownTypeError
from ner_core.labels import LabelSet
from ner_core.modes import Modes
from ner_core.pool.contents import batches, decoded, encoded, label_set_of, version_of_contents
from ner_core.pool.context_sample import halvings_for
from ner_core.pool.drafts import Draft, drafts_of
from ner_core.pool.growing_shelf import GrowingShelf
from ner_core.pool.shelf import Shelf
from ner_core.ports import Embedder, Matrix
from ner_core.types import Demonstration

_DEFAULTS = Modes()

_FEW = 1_000
"""So many ids are put in order one by one; more are sorted with all others."""


@dataclass(frozen=True, slots=True)
class Pool:
    """All demonstrations, a shelf per label set; ``version`` is a hash of their content."""

    version: str
    shelves: Mapping[str, Shelf]

    def __len__(self) -> int:
        return sum(map(len, self.shelves.values()))


EMPTY = Pool("empty", {})
"""The pool before anything was read: every question is asked without demonstrations."""


async def build_pool(
    demonstrations: Iterable[Demonstration], *, embedder: Embedder, modes: Modes = _DEFAULTS
) -> Pool:
    """Return a snapshot of the demonstrations, embedded as far as the modes need it.

    Of demonstrations with the same id, the last counts.

    Raises:
        EngineError: the embedder gave no answer.
    """
    return await GrowingPool(embedder, modes).change({d.id: encoded(d) for d in demonstrations})


class GrowingPool:
    """Demonstrations that come and go; each change takes work in proportion to it.

    One exception: in context, a label set is sampled again each time that its size passes 16,384,
    32,768 and so on, in either direction. What takes long runs in a thread. One change at a time.
    """

    def __init__(self, embedder: Embedder, modes: Modes = _DEFAULTS) -> None:
        self._embedder = embedder
        self._modes = modes
        self._contents: dict[str, bytes] = {}
        self._ids: list[str] = []
        self._ordered: list[bytes] = []
        self._growing: dict[str, GrowingShelf] = {}
        self._shelves: dict[str, Shelf] = {}
        self._changed: set[str] = set()
        self._touched: set[str] = set()

    def demonstrations(self, label_set: str) -> Iterator[Demonstration]:
        """Yield the demonstrations of a label set."""
        for content in list(self._contents.values()):
            demonstration = decoded(content)
            if demonstration.label_set == label_set:
                yield demonstration

    def content(self, demonstration_id: str) -> bytes | None:
        """Return the content of a demonstration, ``None`` if there is none of that id."""
        return self._contents.get(demonstration_id)

    async def change(self, changes: Mapping[str, bytes | None]) -> Pool:
        """Put contents in, by id, and take out the ids with ``None``; returns the new snapshot.

        If it raises, no snapshot has been made; the same change can be asked for again, and goes
        on where it failed.

        Raises:
            EngineError: the embedder gave no answer.
        """
        new = await asyncio.to_thread(self._take_out, changes)
        for label_set in sorted(self._changed | new.keys()):
            await self._resample(label_set, coming=len(new.get(label_set, ())))
        for label_set, contents in new.items():
            for part in batches(contents):
                await self._put_in(label_set, part)
        return await asyncio.to_thread(self._snapshot)

    def _take_out(self, changes: Mapping[str, bytes | None]) -> dict[str, list[bytes]]:
        """Remove what is replaced or removed; returns what is new, by label set."""
        new: dict[str, list[bytes]] = {}
        for demonstration_id, content in changes.items():
            before = self._contents.get(demonstration_id)
            if content == before:
                continue
            if before is not None:
                label_set = label_set_of(before)
                self._growing[label_set].remove(demonstration_id)
                self._changed.add(label_set)
                del self._contents[demonstration_id]
                self._touched.add(demonstration_id)
            if content is not None:
                new.setdefault(label_set_of(content), []).append(content)
        return new

    async def _resample(self, label_set: str, coming: int) -> None:
        """Make the shelf again if another sample of it is compared in context from now on."""
        shelf = self._growing.get(label_set)
        shelf = GrowingShelf(self._modes) if shelf is None else shelf
        halvings = halvings_for(len(shelf) + coming) if self._modes.names_in_context else 0
        if halvings != shelf.halvings:
            fresh = GrowingShelf(self._modes, halvings)
            for part in batches(shelf.live_contents()):
                await self._fill(fresh, part, before=shelf)
            shelf = fresh
            self._changed.add(label_set)
        self._growing[label_set] = shelf

    async def _put_in(self, label_set: str, contents: Sequence[bytes]) -> None:
        drafts = await self._fill(self._growing[label_set], contents)
        self._contents |= {d.demonstration.id: d.content for d in drafts}
        self._touched |= {d.demonstration.id for d in drafts}
        self._changed.add(label_set)

    async def _fill(
        self, shelf: GrowingShelf, contents: Sequence[bytes], before: GrowingShelf | None = None
    ) -> Sequence[Draft]:
        """Add contents to a shelf; asks for the vectors that the shelf ``before`` has not."""
        drafts = await asyncio.to_thread(drafts_of, contents, self._modes, shelf.halvings)
        strings = shelf.unknown(drafts)
        found = (
            await asyncio.to_thread(before.vectors_of, drafts, strings)
            if before is not None
            else {}
        )
        missing = [string for string in strings if string not in found]
        rows = await self._embedder.embed(missing)
        if found:
            rows = await asyncio.to_thread(_in_order, strings, found, missing, rows)
        await asyncio.to_thread(shelf.add, drafts, strings, rows)
        return drafts

    def _snapshot(self) -> Pool:
        for label_set in self._changed:
            growing = self._growing[label_set]
            if growing.mostly_removed:
                growing = self._growing[label_set] = growing.copy()
            self._shelves = {**self._shelves, label_set: growing.view()}
        self._changed = set()
        self._put_in_order()
        if not self._ids:
            return EMPTY
        shelves = {name: shelf for name, shelf in sorted(self._shelves.items()) if len(shelf)}
        return Pool(version_of_contents(self._ordered, self._modes.candidate_spans), shelves)

    def _put_in_order(self) -> None:
        """Bring ids and contents into the order of ids again."""
        if len(self._touched) > _FEW:
            self._ids = sorted(self._contents)
            self._ordered = [self._contents[name] for name in self._ids]
        else:
            for name in self._touched:
                self._replace(name)
        self._touched = set()

    def _replace(self, name: str) -> None:
        place = bisect_left(self._ids, name)
        old = slice(place, place + (self._ids[place : place + 1] == [name]))
        content = self._contents.get(name)
        self._ids[old] = [] if content is None else [name]
        self._ordered[old] = [] if content is None else [content]


def _in_order(
    strings: Sequence[str],
    found: Mapping[str, NDArray[np.float64]],
    missing: Sequence[str],
    rows: Matrix,
) -> Matrix:
    """Return the vectors of all strings, of which those that were missing have ``rows``."""
    known = {**found, **dict(zip(missing, rows, strict=True))}
    return np.array([known[string] for string in strings], np.float32)


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
    """Return the version of a pool of these demonstrations; the last of the same id counts."""
    by_id = {demonstration.id: demonstration for demonstration in demonstrations}
    contents = (encoded(by_id[name]) for name in sorted(by_id))
    return version_of_contents(contents, candidate_spans)
