"""Labeled files: JSON lines or an array, columns, brat; plain or gzip."""

import gzip
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ner_core.errors import ConfigurationError
from ner_core.evaluation.brat import read_brat
from ner_core.evaluation.columns import read_columns
from ner_core.evaluation.formats import decoded, format_of
from ner_core.evaluation.json_records import read_json
from ner_core.evaluation.labeled import LabeledText, LineError, Offsets
from ner_core.evaluation.scores import Nested, outermost
from ner_core.text.borders import cuts_a_word
from ner_core.types import Demonstration, Span, TypedSpan
from ner_core.validation import reason

_GZIP = b"\x1f\x8b"
_MARK = "\ufeff"
_MARKS = re.compile(f"(?:^|(?<=[\r\n])){_MARK}")
"""Byte-order marks before lines, as files that were joined have them."""


class CorpusError(ConfigurationError):
    """A labeled file cannot be read; the message has the file, and the line if there is one."""

    code = "corpus"


@dataclass(frozen=True, slots=True)
class Corpus:
    """The labeled sentences of a file, and what was left out.

    ``nested`` counts entities inside others, ``discontinuous`` those in several parts, each
    read as one from the first part to the last, ``converted`` those whose offsets were in
    other units than code points, ``cutting`` those that begin or end inside a word or in white
    space; ``left_out`` counts texts by reason. ``documents`` has the
    document of each sentence, empty if the file does not state it.
    """

    sentences: Sequence[Demonstration]
    nested: int
    discontinuous: int
    converted: int
    cutting: int
    left_out: Mapping[str, int]
    documents: Sequence[str]


def read_corpus(path: Path, label_set: str, *, nested: Nested = "flat") -> list[Demonstration]:
    """Return the labeled sentences of a file; type ids are in lower case.

    Raises:
        CorpusError: as ``load_corpus``.
    """
    return list(load_corpus(path, label_set, nested=nested).sentences)


def load_corpus(path: Path, label_set: str, *, nested: Nested = "flat") -> Corpus:
    """Return the labeled sentences of a file, and the counts that belong to them.

    The content decides the format: JSON, a line or an item of an array for each text
    (``text``, and ``entities`` with ``start``, ``end`` and ``type`` or ``label``; or Label
    Studio's tasks), brat's annotations next to their ``.txt``, or columns. ``.gz`` may follow.

    Raises:
        CorpusError: the file cannot be read, is of another format, or a line of it is wrong.
    """
    try:
        texts = list(_texts(path))
        used = [text for text in texts if not text.left_out]
        sentences = [_demonstration(text, label_set) for text in used]
    except LineError as exc:
        msg = f"{path}, {exc}"
        raise CorpusError(msg) from exc
    except (OSError, EOFError, ValueError, zlib.error) as exc:
        msg = f"{path}: {reason(exc, path)}"
        raise CorpusError(msg) from exc
    left_out = Counter(text.left_out for text in texts if text.left_out)
    if not sentences:
        reasons = [f"{number} {why}" for why, number in left_out.items()]
        msg = "; ".join([f"{path}: no labeled sentence", *reasons])
        raise CorpusError(msg)
    return Corpus(
        sentences if nested == "keep" else [_flat(sentence) for sentence in sentences],
        nested=sum(len(set(t.entities)) - len(outermost(set(t.entities))) for t in used),
        discontinuous=sum(text.discontinuous for text in used),
        converted=sum(text.converted for text in used),
        cutting=sum(sum(map(cuts_a_word(t.text), t.entities)) for t in used),
        left_out=left_out,
        documents=[text.document for text in used],
    )


def _texts(path: Path) -> Iterator[LabeledText]:
    content, name = _content(path), path.name.removesuffix(".gz")
    if name.endswith(".ann"):
        return _beside(path, content)
    form, unmarked = format_of(content.removeprefix(_MARK)), _MARKS.sub("", content)
    if form == "brat":
        return _beside(path, content)
    if form == "json" or name.endswith((".jsonl", ".ndjson")):
        return read_json(unmarked)
    return _named(read_columns(unmarked), name)


def _beside(path: Path, annotations: str) -> Iterator[LabeledText]:
    """Read brat's annotations with the text that is next to them, with ``.gz`` or without."""
    own = path.with_name(path.name.removesuffix(".gz")).with_suffix(".txt")
    zipped = own.with_name(f"{own.name}.gz")
    text = _content(zipped if zipped.exists() and not own.exists() else own)
    return read_brat(annotations, text, own.stem)


def _named(texts: Iterator[LabeledText], file: str) -> Iterator[LabeledText]:
    for text in texts:
        yield replace(text, name=f"{file}/{text.name}")


def _content(path: Path) -> str:
    content = path.read_bytes()
    return decoded(gzip.decompress(content) if content.startswith(_GZIP) else content)


def _demonstration(text: LabeledText, label_set: str) -> Demonstration:
    return Demonstration(text.name, text.text, _typed_spans(text.text, text.entities), label_set)


def _typed_spans(text: str, entities: Sequence[Offsets]) -> tuple[TypedSpan, ...]:
    for start, end, kind in entities:
        if not 0 <= start < end <= len(text):
            msg = f"[{start}, {end}) {kind} is not a span of {text[:60]!r}"
            raise ValueError(msg)
    return tuple(TypedSpan(Span(start, end), kind.lower()) for start, end, kind in sorted(entities))


def _flat(sentence: Demonstration) -> Demonstration:
    spans = outermost({(e.span.start, e.span.end, e.type) for e in sentence.entities})
    entities = tuple(TypedSpan(Span(start, end), kind) for start, end, kind in sorted(spans))
    return Demonstration(sentence.id, sentence.text, entities, sentence.label_set)
