"""Demonstrations as bytes: small, comparable, and what the version of a pool is a hash of."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice

import orjson

from ner_core.types import Demonstration, Span, TypedSpan

_AT_ONCE = 1_000


def encoded(demonstration: Demonstration) -> bytes:
    """Return the content of a demonstration; equal demonstrations have equal bytes."""
    entities = [(e.span.start, e.span.end, e.type) for e in demonstration.entities]
    content = [demonstration.id, demonstration.label_set, demonstration.text, entities]
    return bytes(memoryview(orjson.dumps(content)))  # a copy: orjson's own holds 1 KB or more


@lru_cache(maxsize=4096)
def decoded(content: bytes) -> Demonstration:
    """Return the demonstration that was encoded."""
    demonstration_id, label_set, text, entities = orjson.loads(content)
    spans = tuple(TypedSpan(Span(start, end), kind) for start, end, kind in entities)
    return Demonstration(demonstration_id, text, spans, label_set)


def label_set_of(content: bytes) -> str:
    """Return the label set of the demonstration that was encoded."""
    label_set: str = orjson.loads(content)[1]
    return label_set


def text_of(content: bytes) -> str:
    """Return the text of the demonstration that was encoded."""
    text: str = orjson.loads(content)[2]
    return text


def surfaces_of(content: bytes) -> list[str]:
    """Return the surfaces of all entities of the demonstration that was encoded."""
    _, _, text, entities = orjson.loads(content)
    return [text[start:end] for start, end, _ in entities]


def version_of_contents(contents: Iterable[bytes], candidate_spans: str) -> str:
    """Return the version of a pool of these contents, which are in the order of their ids."""
    digest = hashlib.sha256(b"[" + orjson.dumps(candidate_spans) + b",[")
    before = b""
    for part in batches(contents):
        digest.update(before + b",".join(part))
        before = b","
    digest.update(b"]]")
    return digest.hexdigest()[:16]


def batches(contents: Iterable[bytes]) -> Iterator[Sequence[bytes]]:
    """Yield a thousand at a time: a hash of many lets other threads run."""
    rest = iter(contents)
    while part := tuple(islice(rest, _AT_ONCE)):
        yield part
