"""Offsets in UTF-16 code units, as JavaScript, Java and .NET count them."""

from collections.abc import Callable, Sequence
from itertools import accumulate

from streams.export.exported import Exported
from streams.export.tagged import Tagged

Export = Callable[[Sequence[Tagged]], Exported]
_BEYOND_BMP = 0x10000


def in_utf16(export: Export) -> Export:
    """Return an export that counts so; it leaves documents without text out, and counts them."""

    def converted(documents: Sequence[Tagged]) -> Exported:
        without = Exported()
        known = [_converted(document) for document in documents if without.has_text(document)]
        exported = export(known)
        exported.left_out += without.left_out
        return exported

    return converted


def _converted(document: Tagged) -> Tagged:
    places = {name: _places(text) for name, text in document.fields}
    entities = [
        e.model_copy(update={"start": places[e.field][e.start], "end": places[e.field][e.end]})
        for e in document.record.entities
    ]
    record = document.record.model_copy(update={"entities": tuple(entities)})
    return Tagged(record, document.text)


def _places(text: str) -> list[int]:
    """Return the offset in code units for each one in code points, the end included."""
    return list(accumulate((1 + (ord(c) >= _BEYOND_BMP) for c in text), initial=0))
