"""Labelled files read: JSON lines, CoNLL columns, brat; plain or gzip."""

import gzip
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from pathlib import Path

import orjson

from ner_core.errors import ConfigurationError
from ner_core.evaluation.scores import Nested, outermost
from ner_core.text.sentences import split
from ner_core.types import Demonstration, Document, Span, TypedSpan

_GZIP = b"\x1f\x8b"
_LONGEST = 100_000
_BEGINS, _ENDS = frozenset("BSU"), frozenset("ESLU")


class CorpusError(ConfigurationError):
    """A labelled file cannot be read; the message says where."""

    code = "corpus"


def read_corpus(path: Path, label_set: str, *, nested: Nested = "flat") -> list[Demonstration]:
    """Give the labelled sentences of a file; type ids are in lower case.

    The format goes by the name: ``.jsonl`` has an object a line (``text``, and
    ``entities`` with ``start``, ``end`` and ``type`` or ``label``), ``.ann`` is brat's
    beside its ``.txt``, anything else columns with the tag last (BIO, IOB, BIOES).
    ``.gz`` may follow.

    Raises:
        CorpusError: the file cannot be read, or an offset is outside its text.
    """
    try:
        found = list(_sentences(path, label_set))
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as exc:
        msg = f"{path}: {type(exc).__name__}: {exc}"
        raise CorpusError(msg) from exc
    if not found:
        msg = f"{path}: no labelled sentence"
        raise CorpusError(msg)
    return found if nested == "keep" else [_flat(one) for one in found]


def _sentences(path: Path, label_set: str) -> Iterator[Demonstration]:
    kind = next((s for s in reversed(path.suffixes) if s != ".gz"), "")
    content = _content(path)
    if kind == ".jsonl":
        parts = _json_lines(content)
    elif kind == ".ann":
        parts = _brat(content, _content(path.with_suffix(".txt")), path.stem)
    else:
        parts = _columns(content, path.name.removesuffix(".gz"))
    for name, text, entities in parts:
        yield Demonstration(name, text, _checked(text, entities), label_set)


_Parts = Iterable[tuple[str, str, Sequence[tuple[int, int, str]]]]


def _content(path: Path) -> str:
    content = path.read_bytes()
    return (gzip.decompress(content) if content[:2] == _GZIP else content).decode("utf-8-sig")


def _checked(text: str, entities: Sequence[tuple[int, int, str]]) -> tuple[TypedSpan, ...]:
    for start, end, kind in entities:
        if not 0 <= start < end <= len(text):
            msg = f"[{start}, {end}) {kind} is no span of {text[:60]!r}"
            raise ValueError(msg)
    return tuple(TypedSpan(Span(start, end), kind.lower()) for start, end, kind in sorted(entities))


def _json_lines(content: str) -> _Parts:
    for number, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        one = orjson.loads(line)
        entities = [(e["start"], e["end"], e.get("type") or e["label"]) for e in one["entities"]]
        yield str(one.get("id", number)), one["text"], entities


def _columns(content: str, name: str) -> _Parts:
    """Give sentences of tokens joined by single spaces."""
    lines = (line.strip() for line in content.split("\n"))
    blocks = (list(rows) for empty, rows in groupby(lines, key=lambda r: not r) if not empty)
    for number, rows in enumerate(blocks, start=1):
        cells = [r.split() for r in rows if not r.startswith(("-DOCSTART-", "# "))]
        if cells:
            tokens = [row[0] for row in cells]
            yield f"{name}/{number}", " ".join(tokens), _tagged(tokens, [row[-1] for row in cells])


def _tagged(tokens: Sequence[str], tags: Sequence[str]) -> list[tuple[int, int, str]]:
    """Join tags to entities: B, S, U or another type begins one; E, S, L, U end one."""
    entities: list[tuple[int, int, str]] = []
    start, is_open = 0, False
    for token, tag in zip(tokens, tags, strict=True):
        place, _, kind = tag.partition("-")
        end = start + len(token)
        if place == "O":
            is_open = False
        elif is_open and place not in _BEGINS and entities[-1][2] == kind:
            entities[-1] = (entities[-1][0], end, kind)
        else:
            entities.append((start, end, kind))
        if place != "O":
            is_open = place not in _ENDS
        start = end + 1
    return entities


def _brat(annotations: str, text: str, name: str) -> _Parts:
    """Give the sentences of a text; no entity is cut by a sentence's end."""
    entities = sorted(_brat_entities(annotations))
    borders = [s.start for s in split(Document(name, text), max_chars=_LONGEST, overlap_chars=0)]
    whole = [b for b in borders if not any(start < b < end for start, end, _ in entities)]
    for number, (first, last) in enumerate(pairwise([*whole, len(text)]), start=1):
        inside = [(s - first, e - first, k) for s, e, k in entities if first <= s < last]
        yield f"{name}/{number}", text[first:last].rstrip(), inside


def _brat_entities(annotations: str) -> Iterator[tuple[int, int, str]]:
    for line in annotations.split("\n"):
        if line.startswith("T"):
            kind, places = line.split("\t")[1].split(" ", 1)
            offsets = places.replace(";", " ").split()
            yield int(offsets[0]), int(offsets[-1]), kind


def _flat(sentence: Demonstration) -> Demonstration:
    kept = outermost({(e.span.start, e.span.end, e.type) for e in sentence.entities})
    entities = tuple(TypedSpan(Span(start, end), kind) for start, end, kind in sorted(kept))
    return Demonstration(sentence.id, sentence.text, entities, sentence.label_set)
