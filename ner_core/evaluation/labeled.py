"""What a reader of labeled files returns, and the error it raises."""

from collections.abc import Sequence
from dataclasses import dataclass

Offsets = tuple[int, int, str]
"""An entity: start, end, type."""


@dataclass(frozen=True, slots=True)
class LabeledText:
    """A text with its entities, half-open code point offsets.

    ``discontinuous`` counts entities in several parts, each read as one from its first part
    to its last; ``converted`` those whose offsets were in other units. ``left_out`` is why the
    text is not used, empty if it is. ``document`` is shared by the texts of one document, empty
    if the file does not state documents.
    """

    name: str
    text: str
    entities: Sequence[Offsets]
    discontinuous: int = 0
    converted: int = 0
    left_out: str = ""
    document: str = ""


_SHOWN = 400
"""So many characters of a long reason are shown of its beginning, and of its end."""


class LineError(ValueError):
    """A line of a labeled file cannot be read; the message begins with its number.

    The middle of a very long message is left out.
    """

    def __init__(self, number: int, reason: str) -> None:
        if len(reason) > 2 * _SHOWN:
            reason = f"{reason[:_SHOWN]} … {reason[-_SHOWN:]}"
        super().__init__(f"line {number}: {reason}")
