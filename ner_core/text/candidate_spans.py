"""Stage 1a by rules: capitalized runs, quoted strings and numbers, for retrieval only."""

import re
from collections.abc import Sequence

from ner_core.types import Span

_WORD = r"[^\W_][\w'’.&-]*[^\W_]|[^\W_]"
_LINK = r"(?:of|the|and|for|de|del|della|da|do|dos|di|du|la|le|van|von|der|den|al|el|bin|&)"
_QUOTED = re.compile(r"[\"“«„]([^\"”»“]{2,80})[\"”»“]")
_NUMBER = re.compile(r"\b\d[\d.,:/-]*\d\b|\b\d\b")
_WORDS = re.compile(_WORD)
_LINKING = re.compile(rf"\s+(?:{_LINK}\s+){{0,2}}\Z")
_SPACELESS = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]{2,8}")

RULES = "rough-rules-1"
"""Name and version of these rules, part of the fingerprint."""


def rough_spans(text: str) -> tuple[Span, ...]:
    """Return distinct spans that may be names, in order; they may overlap."""
    spans = {
        *_capitalized_runs(text),
        *(Span(*m.span(1)) for m in _QUOTED.finditer(text)),
        *(Span(*m.span()) for m in _NUMBER.finditer(text)),
        *(Span(*m.span()) for m in _SPACELESS.finditer(text)),
    }
    return tuple(sorted(spans))


def spans_outside(text: str, names: Sequence[Span]) -> list[Span]:
    """Return the rough spans that overlap none of the names."""
    return [span for span in rough_spans(text) if not any(map(span.touches, names))]


def _capitalized_runs(text: str) -> list[Span]:
    runs: list[Span] = []
    for match in _WORDS.finditer(text):
        if not match[0][0].isupper():
            continue
        if runs and _LINKING.fullmatch(text[runs[-1].end : match.start()]):
            runs[-1] = Span(runs[-1].start, match.end())
        else:
            runs.append(Span(*match.span()))
    return runs
