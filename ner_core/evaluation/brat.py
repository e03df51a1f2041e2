"""brat's standoff files: annotations beside a text."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from ner_core.evaluation.labeled import LabeledText, LineError
from ner_core.evaluation.offsets import Marked, labeled, resolve
from ner_core.text.breaks import outside
from ner_core.text.sentences import split
from ner_core.types import Document

_LONGEST = 100_000
_MARK = "\ufeff"
_NUMBERED = re.compile(r"T\d+\t")
_OTHER = re.compile(r"[REAMN]\d+\t|\*\t|#")
"""Relations, events, attributes, normalizations, equivalences and notes."""
_BREAK = re.compile(r"\r?\n|\r(?=[TREAMN]\d+\t|\*\t|#|$)")
_PARTS = re.compile(r"(\S+) (\d+ \d+(?:;\d+ \d+)*)")


def read_brat(annotations: str, text: str, name: str) -> Iterator[LabeledText]:
    """Yield the sentences of a text; the end of a sentence never cuts an entity.

    Raises:
        LineError: a line is not an entity, or its surface is not in the text at its offsets.
    """
    marked, text = text.startswith(_MARK), text.removeprefix(_MARK)
    entities = resolve(text, list(_entities(annotations.removeprefix(_MARK))), marked=marked)
    entities = sorted(entities, key=lambda entity: entity.span)
    starts = [entity.span[0] for entity in entities]
    for number, (first, last) in enumerate(pairwise(_borders(name, text, entities)), start=1):
        inside = entities[bisect_left(starts, first) : bisect_left(starts, last)]
        sentence = labeled(f"{name}/{number}", text[first:last].rstrip(), inside, start=first)
        yield replace(sentence, document=name)


def _borders(name: str, text: str, entities: Sequence[Marked]) -> list[int]:
    borders = [s.start for s in split(Document(name, text), max_chars=_LONGEST, overlap_chars=0)]
    return [*outside(borders, (entity.span for entity in entities)), len(text)]


def _entities(annotations: str) -> Iterator[Marked]:
    for number, line in enumerate(_BREAK.split(annotations), start=1):
        if line.strip() and not _OTHER.match(line):
            yield _entity(number, line)


def _entity(number: int, line: str) -> Marked:
    _, place, *surface = [*line.split("\t", 2), ""][:3] if _NUMBERED.match(line) else ("", "", "")
    if (match := _PARTS.fullmatch(place.strip())) is None:
        reason = (
            f"{line!r} is not a brat entity; expected T1, a tab, TYPE START END, a tab, the surface"
        )
        raise LineError(number, reason)
    pairs = [part.split() for part in match[2].split(";")]
    parts = [(int(start), int(end)) for start, end in pairs]
    return Marked(number, match[1], parts, surface[0] or None)
