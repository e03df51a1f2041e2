"""What an export wrote, and what its format could not hold."""

from collections import Counter
from dataclasses import dataclass, field

from streams.export.tagged import Tagged

WITHOUT_TEXT = "documents without their text"
OVERLAPPING = "nested or overlapping entities"
WITHOUT_TOKEN = "entities without a visible character"  # noqa: S105 # of a text
SURROGATES = "lone surrogates, written as U+FFFD"
_REPLACED = dict.fromkeys(range(0xD800, 0xE000), 0xFFFD)


@dataclass(slots=True)
class Exported:
    """The content of a file; ``left_out`` counts what is not in it, or not as it was."""

    content: bytes = b""
    left_out: Counter[str] = field(default_factory=Counter)

    def has_text(self, document: Tagged) -> bool:
        """Whether the text is known; counts the document if it is not."""
        self.left_out[WITHOUT_TEXT] += document.text is None
        return document.text is not None

    def encodable(self, text: str) -> str:
        """Return a text of the same length that UTF-8 holds; counts what it cannot hold."""
        clean = text.translate(_REPLACED)
        self.left_out[SURROGATES] += sum(a != b for a, b in zip(text, clean, strict=True))
        return clean
