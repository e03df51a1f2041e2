"""JSON as models write it: Python's quotes, comments, a comma too many, or without its end."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_OPENING = re.compile(r"[{\[]|\((?=\s*[\"'“„])")
"""A round bracket before a string begins a tuple of Python's."""
_BLANK = re.compile(r"(?:\s|//[^\n]*|#[^\n]*|/\*.*?\*/)*", re.DOTALL)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?!\w)")
_WORD = re.compile(r"(?:true|false|null|None|True|False)(?!\w)")
_WORDS = {"true": True, "True": True, "false": False, "False": False}
_BARE_VALUE = re.compile(r"[^\W\d][\w -]{0,59}?(?=\s*[,，}])")
_BARE_KEY = re.compile(r"\w[\w -]{0,59}(?=\s*[:：])")
_ESCAPE = re.compile(r"(?:\\u[0-9a-fA-F]{4})+|\\.", re.DOTALL)
_BEFORE_NEXT = r"(?:\s*(?:[,:\]})]|//|#|/\*|$)|\s+[\"'“„])"
_BEFORE_WIDE = r"(?=\s*(?:[，、]\s*[\"'“„]|：\s*[\"'“„{\[]))"
_QUOTES = {'"': '"', "'": "'", "“": "”", "„": "“”"}
_STRINGS = {
    opening: re.compile(
        rf"{opening}((?:[^{closing}\\]|\\.|[{closing}](?!{_BEFORE_NEXT}))*+)[{closing}]", re.DOTALL
    )
    for opening, closing in _QUOTES.items()
}
"""By the opening quote: a quote ends a string only before what may follow one.

That may be the next string: models forget commas.
"""
_BEFORE_WIDE_COMMAS = {
    opening: re.compile(
        rf"{opening}((?:[^{opening}{closing}\\]|\\.)*+)[{closing}]{_BEFORE_WIDE}", re.DOTALL
    )
    for opening, closing in _QUOTES.items()
}
"""A string with no quote inside may also end before a full-width comma or colon."""
_CLOSING = {"{": "}", "[": "]", "(": ")"}
_MOST = 50
"""Places in an answer that look like JSON and are not, before the search ends."""
_DEEPEST = 40


class Members(list[tuple[str, Any]]):
    """The members of an object in order; a key may occur more than once."""


_DECODER = json.JSONDecoder(object_pairs_hook=Members, strict=False)


@dataclass(frozen=True, slots=True)
class Found:
    """A value in a text, at ``[start, end)``; ``whole`` is false if the text ends inside it."""

    start: int
    end: int
    value: Any
    whole: bool


def values(text: str) -> Iterator[Found]:
    """Yield the objects and lists of a text, none inside another; objects as ``Members``."""
    at = failed = 0
    while failed < _MOST and (match := _OPENING.search(text, at)):
        found = _strict(text, match.start()) or _loose(text, match.start())
        if found is None:
            failed, at = failed + 1, match.end()
        else:
            yield found
            at = found.end


def _strict(text: str, at: int) -> Found | None:
    if text[at] == "(":
        return None  # the decoder would count the lines before it
    try:
        value, end = _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        return None
    return Found(at, end, value, whole=True)


def _loose(text: str, at: int) -> Found | None:
    reader = _Reader(text, at)
    try:
        value = reader.value()
    except (_MalformedError, _CutError):
        return None
    return Found(at, reader.at, value, whole=not reader.cut)


class _MalformedError(Exception):
    """This is no value."""


class _CutError(Exception):
    """The text ends inside a value that has no use without its end."""


class _Reader:
    """Reads one value; what the text ends inside of keeps its well-formed beginning."""

    def __init__(self, text: str, at: int) -> None:
        self.at = at
        self.cut = False
        self._text = text
        self._depth = 0

    def value(self) -> Any:  # noqa: ANN401 - JSON is anything
        opening = self._next()
        if opening in _CLOSING:
            return self._container(opening)
        if opening in _STRINGS:
            return self._string(opening)
        literal = _NUMBER.match(self._text, self.at) or _WORD.match(self._text, self.at)
        if literal is None:
            raise _MalformedError
        self.at = literal.end()
        return _WORDS.get(literal[0]) if literal.re is _WORD else float(literal[0])

    def _next(self) -> str:
        """Return the next character that is neither blank nor in a comment."""
        blank = _BLANK.match(self._text, self.at)
        self.at = blank.end() if blank else self.at
        if self.at >= len(self._text):
            raise _CutError
        return self._text[self.at]

    def _container(self, opening: str) -> Any:  # noqa: ANN401 - an object or a list
        items: list[Any] = Members() if opening == "{" else []
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _MalformedError
        self.at += 1
        try:
            while self._next() != _CLOSING[opening]:
                item = self._member(items) if opening == "{" else self.value()
                items += [] if self.cut and not item else [item]
                if self._next() in ",，、":
                    self.at += 1
                elif self._text[self.at] not in (_CLOSING[opening], *_STRINGS):
                    raise _MalformedError
            self.at += 1
        except _CutError:
            self.cut, self.at = True, len(self._text)
        self._depth -= 1
        is_set = opening == "{" and items and not any(key for key, _ in items)
        return [value for _, value in items] if is_set else items

    def _member(self, before: list[tuple[str, Any]]) -> tuple[str, Any]:
        """Return a member; a string alone is one more under the last key, or an item of a set."""
        opening = self._next()
        if opening in _STRINGS:
            key = self._string(opening)
        elif bare := _BARE_KEY.match(self._text, self.at):
            key, self.at = bare[0], bare.end()
        else:
            raise _MalformedError
        if self._next() in ",，、}" and opening in _STRINGS:
            return before[-1][0] if before else "", key
        if self._text[self.at] not in ":：":
            raise _MalformedError
        self.at += 1
        self._next()
        value = _BARE_VALUE.match(self._text, self.at)
        if value is None or _WORD.match(self._text, self.at):
            return key, self.value()
        self.at = value.end()
        return key, value[0]

    def _string(self, opening: str) -> str:
        wide = _BEFORE_WIDE_COMMAS[opening].match(self._text, self.at)
        match = wide or _STRINGS[opening].match(self._text, self.at)
        if match is None:
            raise _CutError
        self.at = match.end()
        return _ESCAPE.sub(_unescaped, match[1])


def _unescaped(escape: re.Match[str]) -> str:
    try:
        return str(json.loads(f'"{escape[0]}"'))
    except json.JSONDecodeError:
        return escape[0][1:]
