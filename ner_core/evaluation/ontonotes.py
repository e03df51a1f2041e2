"""Columns of CoNLL-2012 and OntoNotes: names in brackets, in the eleventh column."""

import re
from collections.abc import Iterator, Sequence

from ner_core.evaluation.labeled import LabeledText, LineError, Offsets
from ner_core.evaluation.rows import Block, Row, counts

_WIDTH = 11
_NUMBER, _WORD, _NAMES = 2, 3, 10
_CELL = re.compile(r"(\((?P<type>[^()*]+))?\*?(?P<end>\))?")


def is_ontonotes(block: Block) -> bool:
    """Whether a sentence has its words numbered in the third of at least eleven columns."""
    wide = all(len(row.cells) >= _WIDTH for row in block)
    return wide and counts(block, _NUMBER) and all(_CELL.fullmatch(r.cells[_NAMES]) for r in block)


def read(sentences: Sequence[Block]) -> Iterator[LabeledText]:
    """Yield the sentences.

    Raises:
        LineError: a bracket is opened in another one, or closed without one.
    """
    for number, sentence in enumerate(sentences, start=1):
        words = [row.cells[_WORD] for row in sentence]
        yield LabeledText(str(number), " ".join(words), list(_entities(sentence)))


def _entities(sentence: Block) -> Iterator[Offsets]:
    at, begin, kind = 0, 0, ""
    for row in sentence:
        opened, closed = _brackets(row)
        if (opened and kind) or (closed and not (opened or kind)):
            raise LineError(row.number, f"{row.line!r}: brackets of names do not match")
        if opened:
            begin, kind = at, opened
        end = at + len(row.cells[_WORD])
        if closed:
            yield begin, end, kind
            kind = ""
        at = end + 1
    if kind:
        raise LineError(sentence[-1].number, f"the name of type {kind!r} has no end")


def _brackets(row: Row) -> tuple[str, bool]:
    match = _CELL.fullmatch(row.cells[_NAMES])
    return (match["type"] or "", bool(match["end"])) if match else ("", False)
