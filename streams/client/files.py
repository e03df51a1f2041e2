"""Documents in files: JSON lines (plain or gzip) or plain text, or standard input."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ner_core.errors import DocumentError
from streams.client.content import STDIN, is_json, plain_text, read_content, refusal, table_refusal
from streams.wire.codec import encode
from streams.wire.documents import id_of
from streams.wire.messages import Message


@dataclass(frozen=True, slots=True)
class Line:
    """A document in a file: its line number, its id, its bytes.

    ``label_set`` is that of a document that states none.
    """

    number: int
    id: str
    value: bytes
    label_set: str | None = None

    def message(self, source: str) -> Message:
        """Return the line as a record of a topic that has the name of the file."""
        key = self.id.encode("utf-8", "surrogatepass")
        return Message(source, 0, self.number, 0, key, self.value)


@dataclass(frozen=True, slots=True)
class Removal:
    """A deletion in a file: the line number, and the id of the document."""

    number: int
    id: str

    def message(self, source: str) -> Message:
        """Return the deletion as a record of a topic that has the name of the file."""
        return Message(source, 0, self.number, 0, self.id.encode("utf-8", "surrogatepass"), None)


Refused = tuple[int, DocumentError]
"""The number of a line that was refused, and why."""

Entry = Line | Refused


def read_lines(source: str) -> Iterator[Entry]:
    """Yield the documents of a JSONL file, and for any other line its number and what is wrong.

    ``source`` is a path, or ``-`` for standard input; gzip is recognized by its content. A
    line is taken byte for byte. A file that is one JSON value over several lines, or one
    array, is refused once.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    for entry in numbered_lines(source):
        yield entry if isinstance(entry[1], DocumentError) else _document(*entry)


def read_documents(source: str) -> Iterator[Entry]:
    """Yield the documents of a file; one that is not JSON, nor named as a table, is a plain text.

    A file that is empty or blank has no documents.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    try:
        content = read_content(source)
        if content.strip() and not is_json(content, source):
            error = table_refusal(source)
            yield (1, error) if error else _text(source, plain_text(content))
            return
    except DocumentError as exc:
        yield 1, exc
        return
    for entry in _numbered(content):
        yield entry if isinstance(entry[1], DocumentError) else _document(*entry)


def numbered_lines(source: str) -> Iterator[tuple[int, bytes] | Refused]:
    """Yield the number and the bytes of each line that is not blank, or why there is none.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    try:
        content = read_content(source)
    except DocumentError as exc:
        yield 1, exc
        return
    yield from _numbered(content)


def _numbered(content: bytes) -> Iterator[tuple[int, bytes] | Refused]:
    if error := refusal(content):
        yield 1, error
        return
    for number, value in enumerate(content.splitlines(), start=1):
        if value.strip():
            yield number, value


def _document(number: int, value: bytes) -> Entry:
    try:
        return Line(number, id_of(value), value)
    except DocumentError as exc:
        return number, exc


def _text(source: str, text: str) -> Line:
    name = "stdin" if source == STDIN else Path(source).name
    name = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return Line(1, name, encode({"id": name, "text": text}))
