"""What other programs have in the place of the words: headers, numbers, names of documents."""

import re
from collections.abc import Iterable, Sequence
from itertools import chain, pairwise

from ner_core.evaluation.labeled import LineError
from ner_core.evaluation.rows import Block, Row
from ner_core.evaluation.tags import is_tag

_FEW = 2
"""So many lines may be alike by chance; so many columns are a word and its tag."""
_LANGUAGE = re.compile(r"(?:[a-z]{2,3}(?:-[a-z]+)*|simple):.")
_WITH_PLACE = re.compile(r"[^\s\d]\d{1,2}|\d\d")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_SEPARATORS = (",", ";", "|")
_OF_WORDS = re.compile(r"(?i:word|token|form|text|sentence|doc(?:ument)?|id|idx|index)s?\b")
_OF_TAGS = re.compile(r"(?i:(?:\w+[-_ ])?(?:tag|label|ner|ne|entit(?:y|ie)|iob2?|bio|misc)s?)")
"""Headers of the columns of words, or of what is before them, and of tags."""


def require_words(sentences: Sequence[Block]) -> None:
    """Check that the first column holds the words.

    Raises:
        LineError: it has a header, a language, a separator or its place with each word, numbers,
            or the same for all words of a document.
    """
    rows = list(chain.from_iterable(sentences))
    _require_no_header(rows[:1])
    if len(rows) > _FEW:
        _require_words_alone(rows)
        _require_no_document(sentences)
    _require_no_numbers(sentences)


def _require_no_header(rows: Iterable[Row]) -> None:
    for row in rows:
        word, tag = row.cells[0], row.cells[-1]
        may_be_tag = is_tag(tag) or (tag == "MISC" and len(row.cells) <= _FEW)
        if _OF_WORDS.match(word) and _OF_TAGS.fullmatch(tag) and not may_be_tag:
            raise LineError(row.number, f"{row.line!r} looks like a header; remove this line")


def _require_words_alone(rows: Sequence[Row]) -> None:
    words = [row.cells[0] for row in rows]
    if all(map(_LANGUAGE.match, words)):
        reason = f"{rows[0].line!r}: every token begins with a language, as in WikiANN; remove it"
        raise LineError(rows[0].number, reason)
    if all(map(_WITH_PLACE.fullmatch, words)) and 2 * len([*filter(_HAN.match, words)]) > len(
        words
    ):
        reason = f"{rows[0].line!r}: every character has its place in a word, as in Weibo NER"
        raise LineError(rows[0].number, f"{reason}; remove the digit behind it")
    for separator in _SEPARATORS:
        if all(len(word) > 1 and word.endswith(separator) for word in words):
            reason = f"{rows[0].line!r}: every token ends with {separator!r}; separate the columns"
            raise LineError(rows[0].number, f"{reason} by tabs or blanks alone")


def _require_no_document(sentences: Sequence[Block]) -> None:
    """Check that most words are not those before them, with words in a column that follows."""
    pairs = [pair for sentence in sentences for pair in pairwise(sentence)]
    same = [a for a, b in pairs if a.cells[0] == b.cells[0]]
    if 2 * len(same) > len(pairs) and _vary_behind(list(chain.from_iterable(sentences))):
        reason = f"{same[0].line!r}: {same[0].cells[0]!r} comes first on line after line"
        raise LineError(same[0].number, f"{reason}; the token comes first, its tag last")


def _vary_behind(rows: Sequence[Row]) -> bool:
    """Whether a column between the first and the last has many more different cells."""
    width = min(len(row.cells) for row in rows)
    first, *others = (len({row.cells[column] for row in rows}) for column in range(width - 1))
    return any(other > 2 * first for other in others)


def _require_no_numbers(sentences: Sequence[Block]) -> None:
    rows = list(chain.from_iterable(sentences))
    odd = [row for row in rows if not row.cells[0].isdecimal()]
    many = len(rows) > (_FEW if odd else 1)
    if many and len(rows[0].cells) > _FEW and len(odd) <= len(rows) // 2:
        row = (odd or [*_out_of_order(sentences), rows[0]])[0]
        reason = f"{row.line!r} breaks the numbering of the words"
        raise LineError(row.number, f"{reason}; each sentence counts its own, from 0 or 1")


def _out_of_order(sentences: Iterable[Block]) -> Iterable[Row]:
    """Yield the rows whose number is not the next one, or for the first of a sentence 0 or 1."""
    for sentence in sentences:
        for before, row in zip([None, *sentence], sentence, strict=False):
            next_ones = {int(before.cells[0]) + 1} if before else {0, 1}
            if int(row.cells[0]) not in next_ones:
                yield row
