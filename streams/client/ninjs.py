"""News items of ninjs 3 (IPTC) in files, as documents and deletions."""

import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from ner_core.errors import DocumentError
from ner_core.validation import json_kind, problems
from streams.client.content import plain_text, read_content
from streams.client.files import Entry, Line, Removal
from streams.wire.codec import encode, load_json
from streams.wire.errors import InvalidFieldError, InvalidJsonError, NotAnObjectError
from streams.wire.ninjs import OLDER, Item

_LINE = re.compile(r"\r\n|\n|\r")


def read_items(source: str) -> Iterator[Entry | Removal]:
    """Yield the items of a file as documents, canceled ones as deletions, or what is wrong.

    The file is one item, an array of items, or has an item on each line; ``-`` is standard
    input. That an item is withheld or embargoed is only noted in the metadata of the document.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    try:
        text = plain_text(read_content(source))
    except DocumentError as exc:
        yield 1, exc
        return
    for number, item in _items(text):
        try:
            yield _entry(number, item)
        except DocumentError as exc:
            yield number, exc


def _items(text: str) -> Iterator[tuple[int, Any]]:
    """Yield number and content of the items; the content of a line that is no JSON is its error.

    A file without a line that is an item is one value, and so is its error.
    """
    if not text.strip():
        return
    try:
        whole = _loaded(text)
    except ValueError as exc:
        yield from _lines(text) or [(1, _no_json(exc))]
        return
    yield from enumerate(whole if isinstance(whole, list) else [whole], start=1)


def _lines(text: str) -> list[tuple[int, Any]]:
    """Return number and content of the lines; none if no line is an item."""
    lines = [(n, _parsed(line)) for n, line in enumerate(_LINE.split(text), 1) if line.strip()]
    return lines if any(isinstance(item, dict) for _, item in lines) else []


def _parsed(line: str) -> Any:  # noqa: ANN401 # JSON is anything
    try:
        return _loaded(line)
    except ValueError as exc:
        return _no_json(exc)


def _loaded(text: str) -> Any:  # noqa: ANN401 # JSON is anything
    """Return what JSON says, or its error if it repeats keys.

    Raises:
        ValueError: it is no JSON.
    """
    repeated: list[str] = []
    item = load_json(text.removeprefix("\ufeff"), repeated, every_level=True)
    if repeated:
        return InvalidJsonError(f"repeated keys: {', '.join(dict.fromkeys(repeated))}")
    return item


def _no_json(exc: ValueError) -> InvalidJsonError:
    return InvalidJsonError(f"not JSON: {exc}")


def _entry(number: int, item: Any) -> Line | Removal:  # noqa: ANN401 # JSON is anything
    if isinstance(item, DocumentError):
        raise item
    if not isinstance(item, dict):
        msg = f"a JSON {json_kind(item)}, not an item of ninjs"
        raise NotAnObjectError(msg)
    if older := sorted(OLDER & item.keys()):
        msg = f"an item of ninjs 1 or 2, by {', '.join(older)}; only ninjs 3 is read"
        raise InvalidFieldError(msg)
    try:
        read = Item.model_validate(item)
    except ValidationError as exc:
        msg = f"not an item of ninjs 3: {problems(exc)}"
        raise InvalidFieldError(msg) from exc
    if read.pubStatus == "canceled":
        return Removal(number, read.document_id)
    return Line(number, read.document_id, encode(read.document(item)))
