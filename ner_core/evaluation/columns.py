"""Columns: a token a line with its tag, blank lines between sentences."""

import re
from bisect import bisect
from collections.abc import Callable, Iterator
from dataclasses import replace

from ner_core.evaluation import numbered_columns, ontonotes
from ner_core.evaluation.first_column import require_words
from ner_core.evaluation.labeled import LabeledText, LineError
from ner_core.evaluation.rows import (
    Block,
    Row,
    blocks_of,
    document_starts,
    require_equal_width,
    without_comments,
)
from ner_core.evaluation.tags import entities_of, is_tag, parse_tags

_WITH_TAG = 2
_CHUNKS = frozenset(
    "NP VP PP ADVP ADJP SBAR PRT CONJP INTJ LST UCP PNP AP NC VC PC AC NX VX PX CNP CH".split()
)
"""Types of phrases, in the third column of CoNLL-2003 and its like."""
_KEY = re.compile(r"#\s*[\w.:-]+\s*=\s")


def read_columns(content: str) -> Iterator[LabeledText]:
    """Yield the sentences; tokens are joined by single blanks.

    The token is first and the tag last (CoNLL-2003 and its like), or the words are numbered
    (CoNLL-U, GermEval, CoNLL-2012). Tags are of the schemes of ``parse_tags``. A line that
    begins with ``#`` is a comment, unless it has a tag and as many columns as the others of
    its sentence. Documents begin with ``-DOCSTART-``, ``#begin document`` or ``# newdoc``.

    Raises:
        LineError: a line has no tag, or not as many columns as its sentence; several columns
            hold tags of names, which may be layers, or predictions; or the first one holds
            something else than words.
    """
    blocks, starts = blocks_of(content), document_starts(content)
    bare = without_comments(blocks)
    signs = any(row.line.startswith("#") for block in blocks for row in _tokens(block))
    if bare and not signs and numbered_columns.are_numbered(bare, content):
        texts = numbered_columns.read(bare, content)
    elif bare and all(map(ontonotes.is_ontonotes, bare)):
        texts = ontonotes.read(bare)
    else:
        bare = [sentence for block in blocks if (sentence := _without_comments(block))]
        texts = _plain(bare)
    for block, text in zip(bare, texts, strict=True):
        document = str(bisect(starts, block[0].number)) if starts else ""
        yield replace(text, document=document)


def _plain(sentences: list[Block]) -> Iterator[LabeledText]:
    for row in (row for sentence in sentences for row in sentence):
        if len(row.cells) < _WITH_TAG:
            reason = f"{row.line!r} has no tag; expected O, or B-, I- … and a type, last"
            raise LineError(row.number, reason)
    rows = [row for sentence in sentences for row in sentence]
    require_words(sentences)
    _require_one_column_of_names(rows)
    tags = iter(parse_tags([(row.number, row.line, row.cells[-1]) for row in rows]))
    for number, sentence in enumerate(sentences, start=1):
        require_equal_width(sentence)
        tokens = [row.cells[0] for row in sentence]
        entities = entities_of(tokens, [next(tags) for _ in sentence])
        yield LabeledText(str(number), " ".join(tokens), entities)


def _require_one_column_of_names(rows: list[Row]) -> None:
    """Check that no column but the last holds tags of names; those of chunks are none."""
    for column in range(1, min((len(row.cells) for row in rows), default=0) - 1):
        tags = [row.cells[column] for row in rows]
        if all(map(is_tag, tags)) and (row := next(filter(_is_name_in(column), rows), None)):
            reason = f"{row.line!r} has name tags in columns {column + 1} and {len(row.cells)}"
            raise LineError(row.number, f"{reason}; keep the right one, as the last column")


def _is_name_in(column: int) -> Callable[[Row], bool]:
    """Return whether the cell of a row in a column is a tag with a type that no chunk has."""
    return lambda row: row.cells[column][:1] not in "Oo" and row.cells[column][2:] not in _CHUNKS


def _without_comments(block: Block) -> Block:
    tokens = {row.number for row in _tokens(block)}
    return [row for row in block if row.number in tokens or not _may_be_comment(row.line)]


def _may_be_comment(line: str) -> bool:
    return line.startswith(("# ", "#\t")) or bool(_KEY.match(line))


def _tokens(block: Block) -> Block:
    """Return the rows that end with a tag and have the width of others, and are no comments."""
    widths = {len(row.cells) for row in block if not _may_be_comment(row.line)}
    return [
        row
        for row in block
        if (len(row.cells) in widths or not widths)
        and is_tag(row.cells[-1])
        and not _KEY.match(row.line)
    ]
