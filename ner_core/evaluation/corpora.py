"""Labeled files: JSON lines, CoNLL columns, brat; plain or gzip."""

import gzip
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ner_core.errors import ConfigurationError
from ner_core.evaluation.columns import LineError, read_columns
from ner_core.evaluation.scores import Nested, outermost
from ner_core.text.sentences import split
from ner_core.types import Demonstration, Document, Span, TypedSpan

_GZIP = b"\x1f\x8b"
_LONGEST = 100_000

Offsets = tuple[int, int, str]
"""An entity: start, end, type."""

_Parts = Iterable[tuple[str, str, Sequence[Offsets]]]
"""Of each sentence: its name, its text, its entities."""


class _Entity(BaseModel):
    model_config = ConfigDict(strict=True)

    start: int
    end: int
    type: str | None = None
    label: str | None = None

    @model_validator(mode="after")
    def _typed(self) -> Self:
        if not (self.type or self.label):
            msg = "neither type nor label"
            raise ValueError(msg)
        return self

    @property
    def offsets(self) -> Offsets:
        return self.start, self.end, self.type or self.label or ""


class _Record(BaseModel):
    id: Any = None
    text: str = Field(strict=True)
    entities: list[_Entity]


class CorpusError(ConfigurationError):
    """A labeled file cannot be read; the message has the file, and the line if there is one."""

    code = "corpus"


def read_corpus(path: Path, label_set: str, *, nested: Nested = "flat") -> list[Demonstration]:
    """Return the labeled sentences of a file; type ids are in lower case.

    The name decides the format: ``.jsonl`` has an object a line (``text``, and
    ``entities`` with ``start``, ``end`` and ``type`` or ``label``), ``.ann`` is brat's
    next to its ``.txt``, anything else columns with the tag last (BIO, IOB, BIOES).
    ``.gz`` may follow.

    Raises:
        CorpusError: the file cannot be read, a line has no tag, or an offset is outside its text.
    """
    try:
        sentences = list(_sentences(path, label_set))
    except LineError as exc:
        msg = f"{path}, {exc}"
        raise CorpusError(msg) from exc
    except (OSError, EOFError, ValueError) as exc:
        msg = f"{path}: {type(exc).__name__}: {exc}"
        raise CorpusError(msg) from exc
    if not sentences:
        msg = f"{path}: no labeled sentence"
        raise CorpusError(msg)
    return sentences if nested == "keep" else [_flat(sentence) for sentence in sentences]


def _sentences(path: Path, label_set: str) -> Iterator[Demonstration]:
    kind = next((s for s in reversed(path.suffixes) if s != ".gz"), "")
    content, name = _content(path), path.name.removesuffix(".gz")
    if kind == ".jsonl":
        parts: _Parts = _json_lines(content)
    elif kind == ".ann":
        parts = _brat(content, _content(path.with_suffix(".txt")), path.stem)
    else:
        columns = enumerate(read_columns(content), start=1)
        parts = ((f"{name}/{number}", text, entities) for number, (text, entities) in columns)
    for name, text, entities in parts:
        yield Demonstration(name, text, _typed_spans(text, entities), label_set)


def _content(path: Path) -> str:
    content = path.read_bytes()
    return (gzip.decompress(content) if content[:2] == _GZIP else content).decode("utf-8-sig")


def _typed_spans(text: str, entities: Sequence[Offsets]) -> tuple[TypedSpan, ...]:
    for start, end, kind in entities:
        if not 0 <= start < end <= len(text):
            msg = f"[{start}, {end}) {kind} is no span of {text[:60]!r}"
            raise ValueError(msg)
    return tuple(TypedSpan(Span(start, end), kind.lower()) for start, end, kind in sorted(entities))


def _json_lines(content: str) -> _Parts:
    for number, line in enumerate(content.split("\n"), start=1):
        if line.strip():
            yield _json_line(number, line)


def _json_line(number: int, line: str) -> tuple[str, str, Sequence[Offsets]]:
    try:
        record = _Record.model_validate_json(line)
    except ValidationError as exc:
        faults = [(".".join(map(str, e["loc"])), e["msg"]) for e in exc.errors()]
        reason = "; ".join(f"{where}: {what}" if where else what for where, what in faults)
        raise LineError(number, reason) from exc
    name = str(number if record.id is None else record.id)
    entities = [entity.offsets for entity in record.entities]
    try:
        _typed_spans(record.text, entities)
    except ValueError as exc:
        raise LineError(number, f"{name}: {exc}") from exc
    return name, record.text, entities


def _brat(annotations: str, text: str, name: str) -> _Parts:
    """Yield the sentences of a text; the end of a sentence never cuts an entity."""
    entities = sorted(_brat_entities(annotations))
    _typed_spans(text, entities)
    borders = [s.start for s in split(Document(name, text), max_chars=_LONGEST, overlap_chars=0)]
    whole = [b for b in borders if not any(start < b < end for start, end, _ in entities)]
    for number, (first, last) in enumerate(pairwise([*whole, len(text)]), start=1):
        inside = [(s - first, e - first, k) for s, e, k in entities if first <= s < last]
        yield f"{name}/{number}", text[first:last].rstrip(), inside


def _brat_entities(annotations: str) -> Iterator[Offsets]:
    for number, line in enumerate(annotations.split("\n"), start=1):
        if line.startswith("T"):
            try:
                kind, places = line.split("\t")[1].split(" ", 1)
                offsets = places.replace(";", " ").split()
                yield int(offsets[0]), int(offsets[-1]), kind
            except (ValueError, IndexError) as exc:
                raise LineError(number, f"{line!r} is no brat entity") from exc


def _flat(sentence: Demonstration) -> Demonstration:
    spans = outermost({(e.span.start, e.span.end, e.type) for e in sentence.entities})
    entities = tuple(TypedSpan(Span(start, end), kind) for start, end, kind in sorted(spans))
    return Demonstration(sentence.id, sentence.text, entities, sentence.label_set)
