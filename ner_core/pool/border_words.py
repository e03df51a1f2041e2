"""Words at the borders of names: part of the name or not, as the demonstrations have it.

Not in the paper (docs/decisions/0025). Label sets differ in whether ``the``, a title, ``#`` or
``'s`` belongs to a name, and the few demonstrations in a prompt do not always show it.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import orjson
import regex

from ner_core.text.borders import Borders
from ner_core.text.overlaps import parts_of
from ner_core.types import Span

BORDERS = "border-words-1"
"""Name and version of these rules, part of the fingerprint of ensembles that use them."""

_WORD = re.compile(r"['’]\w+|\w+\.?|[^\w\s]")
_FEWEST, _MOSTLY, _HARDLY = 10, 0.7, 0.05
_WIDEST_GAP = 1
"""Characters between a word and the name that it joins."""
_PAIRED = regex.compile(r"(?V1)[[\p{Ps}\p{Pe}\p{Pi}\p{Pf}\"]--[‘’‚]]")
"""Brackets and quotes, but not what can be an apostrophe."""


@dataclass(frozen=True, slots=True)
class Words:
    """Case-folded words on one side of names: those that belong to them, and those that do not."""

    belong: Collection[str] = frozenset()
    apart: Collection[str] = frozenset()


@dataclass(frozen=True, slots=True)
class BorderWords:
    """What demonstrations show about the first and the last words of names.

    Of the names that a word begins or comes right before, it is in at least 70% (it belongs to
    names) or in at most 5% (it does not); ten of them at least. So it is for last words. A word
    with a capital stays in a name: titles begin with ``In`` and ``To``.
    """

    first: Words = field(default_factory=Words)
    last: Words = field(default_factory=Words)

    def moved(self, text: str, spans: Iterable[Span]) -> dict[Span, Span]:
        """Return a span for each: a border moves by one word at most, and no span becomes empty.

        A span inside another moves only if that makes it one of the others, or loses the word
        that the other loses. No border moves to where no name can begin or end, nor between a
        bracket or quote of a name and its pair.
        """
        listed = set(spans)
        if not (self.first.belong or self.first.apart or self.last.belong or self.last.apart):
            return {span: span for span in listed}
        words, parts, borders = _Words(text), parts_of(listed), Borders(text)
        to = {span: self._moved(words, borders, span) for span in listed}
        longest = listed - parts
        starts = {s.start: to[s].start for s in longest if s.start < to[s].start}
        ends = {s.end: to[s].end for s in longest if to[s].end < s.end}
        for part in parts:
            one = to[part] if to[part] in listed else part
            start, end = starts.get(one.start, one.start), ends.get(one.end, one.end)
            to[part] = Span(start, end) if start < end else one
        return to

    def _moved(self, words: "_Words", borders: Borders, span: Span) -> Span:
        start, end = self._start(words, span), self._end(words, span)
        start = start if borders.opens(start) else span.start
        end = end if borders.closes(end) else span.end
        if start >= end:
            return span
        ways = Span(start, end), Span(start, span.end), Span(span.start, end), span
        return next(way for way in ways if words.unpaired(way) <= words.unpaired(span))

    def _start(self, words: "_Words", span: Span) -> int:
        at = words.starts.get(span.start)
        if at is None:
            return span.start
        if at and words[at - 1] in self.first.belong and words.close(at - 1):
            return words.bounds[at - 1][0]
        if words.bounds[at][1] < span.end and self._apart(words, at, self.first):
            return words.bounds[at + 1][0]
        return span.start

    def _end(self, words: "_Words", span: Span) -> int:
        at = words.ends.get(span.end)
        if at is None:
            return span.end
        after = at + 1
        if after < len(words) and words[after] in self.last.belong and words.close(at):
            return words.bounds[after][1]
        if words.bounds[at][0] > span.start and self._apart(words, at, self.last):
            return words.bounds[at - 1][1]
        return span.end

    @staticmethod
    def _apart(words: "_Words", at: int, side: Words) -> bool:
        return words[at] in side.apart and not words.capitalized(at)


NO_WORDS = BorderWords()


class GrowingBorderWords:
    """Counts the words at the borders of names, and keeps what they show up to date."""

    def __init__(self) -> None:
        self._first, self._last = _Side(), _Side()

    def change(self, added: Iterable[bytes], removed: Iterable[bytes]) -> None:
        """Count demonstrations that have come and gone."""
        for contents, step in ((removed, -1), (added, 1)):
            for content in contents:
                _, _, text, entities = orjson.loads(content)
                if entities:
                    self._count(_Words(text), _outermost(entities), step)

    def view(self) -> BorderWords:
        """Return what the words show now; later changes do not change it."""
        return BorderWords(self._first.view(), self._last.view())

    def _count(self, words: "_Words", names: Iterable[tuple[int, int]], step: int) -> None:
        for start, end in names:
            first, last = words.starts.get(start), words.ends.get(end)
            if first is not None:
                if words.bounds[first][1] < end:
                    self._first.count(words[first], step, 0)
                if first:
                    self._first.count(words[first - 1], 0, step)
            if last is not None:
                if words.bounds[last][0] > start:
                    self._last.count(words[last], step, 0)
                if last + 1 < len(words):
                    self._last.count(words[last + 1], 0, step)


def _outermost(entities: Sequence[tuple[int, int, str]]) -> list[tuple[int, int]]:
    """Return the offsets of names that are in no other name."""
    spans = {Span(start, end) for start, end, _ in entities}
    parts = parts_of(spans) if len(spans) > 1 else ()
    return [(span.start, span.end) for span in spans if span not in parts]


class _Side:
    """How often each word is in names and right beside them, on one side."""

    def __init__(self) -> None:
        self._inside: Counter[str] = Counter()
        self._beside: Counter[str] = Counter()
        self._belong: set[str] = set()
        self._apart: set[str] = set()

    def count(self, word: str, inside: int, beside: int) -> None:
        """Count a word that begins or ends a longer name, or is right beside one."""
        within = _added(self._inside, word, inside)
        without = _added(self._beside, word, beside)
        self._belong.discard(word)
        self._apart.discard(word)
        seen = within + without
        if seen >= _FEWEST and within >= _MOSTLY * seen:
            self._belong.add(word)
        elif seen >= _FEWEST and within <= _HARDLY * seen:
            self._apart.add(word)

    def view(self) -> Words:
        """Return the words that show anything."""
        return Words(frozenset(self._belong), frozenset(self._apart))


def _added(counts: Counter[str], word: str, number: int) -> int:
    """Add to the count of a word, and return it; a word that is counted no more is forgotten."""
    count = counts[word] + number
    if count:
        counts[word] = count
    else:
        counts.pop(word, None)
    return count


class _Words:
    """The words of a text, and which begins and ends at an offset."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.bounds = [match.span() for match in _WORD.finditer(text)]
        self.starts = {start: at for at, (start, _) in enumerate(self.bounds)}
        self.ends = {end: at for at, (_, end) in enumerate(self.bounds)}

    def __len__(self) -> int:
        return len(self.bounds)

    def __getitem__(self, at: int) -> str:
        start, end = self.bounds[at]
        return self._text[start:end].casefold()

    def capitalized(self, at: int) -> bool:
        """Whether the word begins with a capital."""
        return self._text[self.bounds[at][0]].isupper()

    def unpaired(self, span: Span) -> bool:
        """Whether a span has a bracket or quote without its pair."""
        return len(_PAIRED.findall(self._text, span.start, span.end)) % 2 == 1

    def close(self, at: int) -> bool:
        """Whether the next word follows at once, or after one blank."""
        return self.bounds[at + 1][0] - self.bounds[at][1] <= _WIDEST_GAP
