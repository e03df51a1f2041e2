"""Which surfaces are names: counted over all demonstrations, and kept up to date."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

import orjson

from ner_core.pool.contents import batches, surfaces_of, text_of
from ner_core.pool.name_index import offsets_of, words

_MOSTLY, _SHORTEST = 0.6, 3
_SEEMING_END = re.compile(r"[.!?…]\s+\w")
_SOUGHT = 32
"""At most so many new names are sought as bytes before texts are split into words."""


class KnownNames:
    """Counts how often each surface is a name and, if wanted, how often it occurs at all.

    ``known`` has the surfaces of three characters or more that are names in at least 60% of
    their occurrences, of ``longest`` words at most. ``punctuated`` finds names in which a
    sentence might seem to end, the longest first; ``None`` if there is no such name.
    """

    def __init__(self, *, occurrences: bool) -> None:
        self.known: frozenset[str] = frozenset()
        self.longest = 0
        self.punctuated: re.Pattern[str] | None = None
        self._counts_occurrences = occurrences
        self._named: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()
        self._inside: set[str] = set()

    @property
    def any(self) -> bool:
        """Whether there is a name at all."""
        return bool(self._named)

    def change(
        self, added: Collection[bytes], removed: Collection[bytes], others: Iterable[bytes]
    ) -> None:
        """Count demonstrations that have come and gone; ``others`` are those that stay.

        Takes time in proportion to the change, but for names that are new: the others are
        searched for those.
        """
        touched = self._count_seen(removed, -1, self._named)
        before: dict[str, int] = {}
        self._count_named(removed, -1, before)
        self._count_named(added, +1, before)
        new = {surface for surface, count in before.items() if not count and self._named[surface]}
        self.longest = max([self.longest, *map(words, new)])
        touched |= self._count_seen(added, +1, self._named)
        touched |= self._count_seen(_may_hold(new, others), +1, new)
        self._judge(touched | before.keys())
        gone = {surface for surface in before if not self._named[surface]}
        self._forget(gone)
        self._find_punctuated(new, gone)

    def _count_named(self, contents: Iterable[bytes], step: int, before: dict[str, int]) -> None:
        """Count names, and note in ``before`` what their counts were."""
        for surfaces in map(surfaces_of, contents):
            for surface in surfaces:
                before.setdefault(surface, self._named[surface])
                self._named[surface] += step

    def _count_seen(self, contents: Iterable[bytes], step: int, names: Collection[str]) -> set[str]:
        """Count the occurrences of names, and return those that occur."""
        touched: set[str] = set()
        if self._counts_occurrences and names:
            for text in map(text_of, contents):
                for start, end in offsets_of(text, names, self.longest):
                    surface = text[start:end]
                    self._seen[surface] += step
                    touched.add(surface)
        return touched

    def _judge(self, surfaces: set[str]) -> None:
        named, seen = self._named, self._seen
        mostly = {s for s in surfaces if seen[s] and named[s] >= _MOSTLY * seen[s]}
        known = {surface for surface in mostly if len(surface) >= _SHORTEST}
        if known - self.known or self.known & (surfaces - known):
            self.known = (self.known - surfaces) | known

    def _forget(self, surfaces: Iterable[str]) -> None:
        for surface in surfaces:
            self._named.pop(surface, None)
            self._seen.pop(surface, None)

    def _find_punctuated(self, new: Iterable[str], gone: Iterable[str]) -> None:
        inside = (self._inside - set(gone)) | {s for s in new if _SEEMING_END.search(s)}
        if inside != self._inside:
            self._inside = inside
            longest = sorted(inside, key=lambda surface: (-len(surface), surface))
            alternatives = "|".join(map(re.escape, longest))
            self.punctuated = re.compile(rf"(?<!\w)(?:{alternatives})") if longest else None


def _may_hold(names: Collection[str], contents: Iterable[bytes]) -> Iterator[bytes]:
    """Yield at least the contents whose text has one of the names."""
    if len(names) > _SOUGHT:
        yield from contents
        return
    sought = [orjson.dumps(name)[1:-1] for name in names]
    for part in batches(contents):
        whole = b"\n".join(part)
        if here := [name for name in sought if name in whole]:
            yield from (content for content in part if any(name in content for name in here))
