"""Documents in files: JSON lines (plain or gzip) or plain text, or standard input."""

import gzip
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from ner_core.errors import ConfigurationError, DocumentError
from streams.shipped import shipped
from streams.wire.codec import load_json
from streams.wire.errors import InvalidIdError, InvalidJsonError, NotAnObjectError
from streams.wire.messages import Message

_STDIN = "-"


@dataclass(frozen=True, slots=True)
class Line:
    """A document in a file: its line number, its id, its bytes."""

    number: int
    id: str
    value: bytes

    def message(self, source: str) -> Message:
        """Return the line as a record of a topic that has the name of the file."""
        key = self.id.encode("utf-8", "surrogatepass")
        return Message(source, 0, self.number, 0, key, self.value)


Refused = tuple[int, DocumentError]
"""The number of a line that was refused, and why."""

Entry = Line | Refused


def read_lines(source: str) -> Iterator[Entry]:
    """Yield the documents of a JSONL file, and for any other line its number and what is wrong.

    ``source`` is a path, or ``-`` for standard input; gzip is recognised by its content.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    yield from _lines(_content(source))


def read_documents(source: str) -> Iterator[Entry]:
    """Yield the documents of a file; one that does not begin with ``{`` is plain text.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    content = _content(source)
    if content.lstrip()[:1] == b"{":
        yield from _lines(content)
        return
    name = "stdin" if source == _STDIN else Path(source).name
    text = content.decode("utf-8-sig", "replace")
    yield Line(1, name, orjson.dumps({"id": name, "text": text}))


def _lines(content: bytes) -> Iterator[Entry]:
    for number, value in enumerate(content.splitlines(), start=1):
        if not value.strip():
            continue
        try:
            yield Line(number, _id(value), value)
        except DocumentError as exc:
            yield number, exc


def _content(source: str) -> bytes:
    try:
        content = (
            sys.stdin.buffer.read() if source == _STDIN else shipped(Path(source)).read_bytes()
        )
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (OSError, EOFError) as exc:
        msg = f"{source} cannot be read: {exc}"
        raise ConfigurationError(msg) from exc


def _id(value: bytes) -> str:
    try:
        data = load_json(value.decode("utf-8-sig"))
    except ValueError as exc:
        msg = f"not JSON: {exc}"
        raise InvalidJsonError(msg) from exc
    if not isinstance(data, dict):
        msg = "JSON, but not an object"
        raise NotAnObjectError(msg)
    if not isinstance(data.get("id"), str) or not data["id"]:
        msg = f'"id" is {data.get("id")!r}; it must be a non-empty string'
        raise InvalidIdError(msg)
    return str(data["id"])
