"""JSON lines: the records, each with the text of its document."""

from collections.abc import Sequence

from streams.export.exported import Exported
from streams.export.tagged import Tagged
from streams.wire.codec import encode


def jsonl(documents: Sequence[Tagged]) -> Exported:
    """Return a line for each record, as the topic has it, with ``text``; null if not known."""
    return Exported(b"".join(_line(document) + b"\n" for document in documents))


def _line(document: Tagged) -> bytes:
    return encode(document.record.model_dump() | {"text": document.text})
