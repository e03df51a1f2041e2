"""Columns with numbered words: CoNLL-U, CoNLL-U Plus, Universal NER, GermEval."""

import re
from collections.abc import Iterator, Sequence

from ner_core.evaluation.labeled import LabeledText, LineError
from ner_core.evaluation.rows import Block, Row, counts, require_equal_width
from ner_core.evaluation.tags import entities_of, is_tag, parse_tags

_WITH_TAG = 3
_GERMEVAL_WIDTH = 4
_PLUS = re.compile(r"^#\s*global\.columns\s*=\s*(.*)$", re.MULTILINE)
_OF_NAMES = re.compile(
    r"(?:.*[:_])?(?:NER?|NAMED_?ENTIT(?:Y|IES)|I?OB2?|BIO|ENTIT(?:Y|IES))", re.IGNORECASE
)
_IN_MISC = re.compile(r"(?:^|\|)(?:NER?|BIO|I?OB2?|Named_?Entit(?:y|ies))=([^|]+)", re.IGNORECASE)
_NAME_IN_MISC = re.compile(r"(?:^|\|)name=([^|]+)")
"""As NorNE and DaNE have it; other files have names there."""
_WORDS = ("FORM", "WORD", "TOKEN")
_WORD = 1


def are_numbered(sentences: Sequence[Block], content: str) -> bool:
    """Whether all words are numbered, and a tag may follow.

    Words that ``global.columns`` names, and tags, need no numbers.
    """
    names = _names(content)
    number = _number(names)
    if number is None:
        return any(map(_OF_NAMES.fullmatch, names))
    return all(len(s[0].cells) >= _WITH_TAG and counts(s, number) for s in sentences)


def read(sentences: Sequence[Block], content: str) -> Iterator[LabeledText]:
    """Yield the sentences; entities of a second column of tags, as GermEval has it, are nested.

    The tags are in the column that ``global.columns`` names for them, else in the first that
    holds nothing else, else in the last as ``NER=…`` or ``name=…``.

    Raises:
        LineError: there is no such column, or a line breaks its form.
    """
    names = _names(content)
    words = [_words(sentence, _number(names)) for sentence in sentences]
    word = _word(names)
    for sentence in words:
        _require_columns(sentence, names)
    layers = [_tags(words, column) for column in _columns(words, names)] or [_in_misc(words)]
    parsed = [iter(parse_tags(layer)) for layer in layers]
    for number, sentence in enumerate(words, start=1):
        tokens = [row.cells[word] for row in sentence]
        found = [entities_of(tokens, [next(tags) for _ in tokens]) for tags in parsed]
        entities = [entity for layer in found for entity in layer]
        yield LabeledText(str(number), " ".join(tokens), entities)


def _names(content: str) -> list[str]:
    """Return the names of the columns in upper case, if ``global.columns`` has them."""
    plus = _PLUS.search(content)
    return plus[1].upper().split() if plus else []


def _number(names: Sequence[str]) -> int | None:
    """Return the column of the numbers: the first, unless columns are named."""
    if not names:
        return 0
    return names.index("ID") if "ID" in names else None


def _word(names: Sequence[str]) -> int:
    """Return the column of the words: the second, unless columns are named."""
    if not names:
        return _WORD
    if named := [name for name in _WORDS if name in names]:
        return names.index(named[0])
    raise LineError(1, f"global.columns names no FORM: {' '.join(names)}")


def _words(sentence: Block, number: int | None) -> Block:
    return [row for row in sentence if number is None or row.cells[number].isdigit()]


def _require_columns(sentence: Block, names: Sequence[str]) -> None:
    require_equal_width(sentence)
    for row in sentence:
        if len(row.cells) < len(names):
            reason = f"has {len(row.cells)} columns, of {len(names)} in global.columns"
            raise LineError(row.number, f"{row.line!r} {reason}")


def _columns(sentences: Sequence[Block], names: Sequence[str]) -> list[int]:
    """Return the columns of tags: one, two in GermEval's files, none if they are elsewhere."""
    if named := [i for i, name in enumerate(names) if _OF_NAMES.fullmatch(name)]:
        return named[:1]
    rows = [row for sentence in sentences for row in sentence]
    width = min(len(row.cells) for row in rows)
    whole = [i for i in range(2, width) if all(is_tag(row.cells[i]) for row in rows)]
    if names and len(whole) > 1:
        several = f"global.columns has name tags in {' and '.join(names[i] for i in whole)}"
        raise LineError(rows[0].number, f"{rows[0].line!r}: {several}; name the right one NER")
    return whole if width == _GERMEVAL_WIDTH and not names else whole[:1]


def _tags(sentences: Sequence[Block], column: int) -> list[tuple[int, str, str]]:
    rows = [row for sentence in sentences for row in sentence]
    return [(row.number, row.line, _cell(row, column)) for row in rows]


def _cell(row: Row, column: int) -> str:
    """Return a tag; CoNLL-U Plus has ``*`` or ``_`` for nothing."""
    cell = row.cells[column] if column < len(row.cells) else ""
    return "O" if cell in {"*", "_"} else cell


def _in_misc(sentences: Sequence[Block]) -> list[tuple[int, str, str]]:
    rows = [row for sentence in sentences for row in sentence]
    found = [_IN_MISC.search(row.cells[-1]) for row in rows]
    if not any(found):
        found = _tags_under_name(rows)
    if not any(found):
        reason = f"{rows[0].line!r}: numbered words, as in CoNLL-U, without a column of tags (O, B-"
        raise LineError(rows[0].number, f"{reason}…); add one, and name it NER in global.columns")
    return [(r.number, r.line, m[1] if m else "O") for r, m in zip(rows, found, strict=True)]


def _tags_under_name(rows: Sequence[Row]) -> list[re.Match[str] | None]:
    """Return what each row has as ``name=…``; nothing if not all of these are tags."""
    found = [_NAME_IN_MISC.search(row.cells[-1]) for row in rows]
    return found if all(is_tag(match[1]) for match in found if match) else []
