"""Texts whose sentence borders are labeled, and what a splitter gets wrong in them.

``tests/borders/LANGUAGE.txt`` has texts written for the project, parted by a line ``%%``. A place
is marked where a splitter may go wrong: ``‖`` if a sentence ends there, ``⁀`` if none does.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "borders"
ENDS, GOES_ON = "‖⁀"


@dataclass(frozen=True, slots=True)
class Labeled:
    """A text without its marks, and for each marked offset whether a sentence ends there."""

    language: str
    text: str
    places: dict[int, bool]

    def wrong(self, spans: Iterable[tuple[int, int]]) -> "Wrong":
        """Return what is wrong with the sentences that a splitter found, in order."""
        gaps = list(_gaps(self.text, spans))
        ended = {at for at in self.places for start, end in gaps if start <= at <= end}
        missed = {at for at, ends in self.places.items() if ends} - ended
        cut = {at for at in ended if not self.places[at]}
        unmarked = {start for start, end in gaps if not ended & {*range(start, end + 1)}}
        return Wrong(frozenset(missed), frozenset(cut | unmarked))


@dataclass(frozen=True, slots=True)
class Wrong:
    """Offsets of borders that a splitter missed, and of those it made."""

    missed: frozenset[int]
    made: frozenset[int]


def labeled_texts() -> Iterator[Labeled]:
    """Yield every text, by language."""
    for path in sorted(FOLDER.glob("*.txt")):
        for marked in path.read_text("utf-8").split("%%\n"):
            yield _labeled(path.stem, marked.strip())


def _labeled(language: str, marked: str) -> Labeled:
    text, places = "", {}
    for character in marked:
        if character in (ENDS, GOES_ON):
            places[len(text)] = character == ENDS
        else:
            text += character
    return Labeled(language, text, places)


def _gaps(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the end of each sentence and the start of the next one, blanks around them aside."""
    last = None
    for start, end in spans:
        sentence = text[start:end]
        if not sentence.strip():
            continue
        first = start + len(sentence) - len(sentence.lstrip())
        if last is not None:
            yield last, first
        last = start + len(sentence.rstrip())
