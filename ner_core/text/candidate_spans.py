"""Stage 1a by rules: capitalized runs, quoted strings and numbers, for retrieval only."""

import re
from collections.abc import Sequence
from functools import lru_cache

from ner_core.types import Span

_WORD = r"[^\W_](?:[\w'’.&-]*[^\W_])?"
_LINK = r"(?:of|the|and|for|de|del|della|da|do|dos|di|du|la|le|van|von|der|den|al|el|bin|&)"
_QUOTED = re.compile(r"[\"“«„]([^\"”»“]{2,80})[\"”»“]")
_NUMBER = re.compile(r"\d(?<!\w\d)(?:[\d.,:/-]*\d\b|\b)")
"""It begins with a digit, not with a border: so the search skips what has none."""
_WORDS = re.compile(_WORD)
_LINKING = re.compile(rf"\s+(?:{_LINK}\s+){{0,2}}\Z")
_SPACELESS = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]{2,8}")

RULES = "rough-rules-1"
"""Name and version of these rules, part of the fingerprint."""


@lru_cache(maxsize=1024)
def rough_spans(text: str) -> tuple[Span, ...]:
    """Return distinct spans that may be names, in order; they may overlap."""
    offsets = {
        *_capitalized_runs(text),
        *(m.span(1) for m in _QUOTED.finditer(text)),
        *(m.span() for m in _NUMBER.finditer(text)),
        *(m.span() for m in _SPACELESS.finditer(text)),
    }
    return tuple(Span(start, end) for start, end in sorted(offsets))


def spans_outside(text: str, names: Sequence[Span]) -> list[Span]:
    """Return the rough spans that overlap none of the names."""
    return [span for span in rough_spans(text) if not any(map(span.touches, names))]


def _capitalized_runs(text: str) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for match in _WORDS.finditer(text):
        start, end = match.span()
        if not text[start].isupper():
            continue
        if runs and _LINKING.fullmatch(text, runs[-1][1], start):
            runs[-1] = runs[-1][0], end
        else:
            runs.append((start, end))
    return runs
