"""The bytes of a file or of standard input as UTF-8, and what they hold."""

import codecs
import errno
import gzip
import json
import re
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path

from ner_core.errors import ConfigurationError, DocumentError
from ner_core.validation import reason
from streams.client.framing import framing_refusal, parses
from streams.shipped import shipped
from streams.wire.errors import InvalidJsonError, InvalidUtf8Error, NotAnObjectError

STDIN = "-"

_GZIP = b"\x1f\x8b"
_MARKS = {  # the longer ones first: that of UTF-32 begins with that of UTF-16
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_FOREIGN = {
    b"%PDF-": "PDF",
    b"{\\rtf": "RTF",
    b"PK\x03\x04": "a zip archive, such as DOCX or EPUB",
    b"\xd0\xcf\x11\xe0": "a Word document",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    _GZIP: "gzip inside gzip",
    b"PAR1": "Parquet",
    b"SQLite format 3": "SQLite",
    b"\x7fELF": "a program",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
}
_TABLES = re.compile(r"\.(csv|tsv)(\.gz)?$", re.IGNORECASE)
_LINES = re.compile(r"\.(json|jsonl|jsonlines|json-seq|ndjson)(\.gz)?$", re.IGNORECASE)
_NO_TABLE = "tagwire reads one JSON object a line, with id and text, or plain text"
_DECODER = json.JSONDecoder()
_OBJECTS = re.compile(rb'\[\s*\{\s*"')
_OBJECT = re.compile(rb"""\{\s*(?:["'}]|\w+\s*:|$)""")
"""How an object begins, in JSON or as programs write what they take for it; a template does not."""
_UTF16 = re.compile(rb"\s*(?:[{\[]\0|\0[{\[])")
_ISO_2022_JP = re.compile(rb"\x1b(?:\$[@B]|\(J)")
_NO_LINES = "no JSON object in it: one a line is read; only `tagwire tag` reads plain text"
_AS_LINES = "one object a line is read; rewrite it with: jq -c {} FILE"


def read_content(source: str) -> bytes:
    """Return the content of a file, ``-`` for standard input: unzipped, in UTF-8, unmarked.

    gzip is recognized by its content, UTF-16 and UTF-32 by their byte-order marks.

    Raises:
        ConfigurationError: the file cannot be read.
        InvalidUtf8Error: its byte-order mark is wrong.
    """
    try:
        content = _stdin() if source == STDIN else shipped(Path(source)).read_bytes()
        content = gzip.decompress(content) if content.startswith(_GZIP) else content
    except (OSError, EOFError, zlib.error) as exc:
        msg = f"{named(source)} cannot be read: {reason(exc)}"
        raise ConfigurationError(msg) from exc
    return _utf8(content).removeprefix(codecs.BOM_UTF8)


def _stdin() -> bytes:
    if sys.stdin is None:  # as `<&-` leaves it
        raise OSError(errno.EBADF, "it is closed")
    return sys.stdin.buffer.read()


def named(source: str) -> str:
    """Return what a file is called in messages."""
    return "standard input" if source == STDIN else source


def plain_text(content: bytes) -> str:
    """Return the content as a text.

    Raises:
        InvalidUtf8Error: it is not UTF-8, holds the escapes of ISO-2022-JP, or NUL, as UTF-16
            without a mark does; or it is that of a program with its own format.
    """
    if error := _foreign(content):
        raise error
    try:
        text = content.decode()
    except UnicodeDecodeError as exc:
        msg = f"not UTF-8: {exc.reason} at byte {exc.start}, {_remedy(content, exc.start)}"
        raise InvalidUtf8Error(msg) from exc
    if escape := _ISO_2022_JP.search(content):
        at = escape.start()
        msg = f"not UTF-8 but ISO-2022-JP: an escape at byte {at}, {_remedy(content, at)}"
        raise InvalidUtf8Error(msg)
    if (at := content.find(b"\0")) >= 0:
        msg = f"no text: a NUL at byte {at}, {_remedy(content, at)}"
        raise InvalidUtf8Error(msg)
    return text


def is_json(content: bytes, source: str) -> bool:
    """Whether the content is meant as JSON, by the name of its file or by itself.

    A text that begins as an object does is taken for JSON, and so is one with mostly lines of it,
    alone or behind what consumers and streams of events print before it.
    """
    start = content.lstrip()
    return (
        bool(_LINES.search(source))
        or bool(_OBJECT.match(start))
        or bool(_UTF16.match(content))
        or bool(_OBJECTS.match(start))
        or _is_array(start)
        or _is_mostly_objects(start)
        or framing_refusal(content) is not None
    )


def table_refusal(source: str) -> DocumentError | None:
    """Return why a file that is no JSON is no text either, if its name is that of a table."""
    if name := _TABLES.search(source):
        return InvalidJsonError(f"a table (.{name[1].lower()}): {_NO_TABLE}")
    return None


def refusal(content: bytes) -> DocumentError | None:
    """Return why JSON cannot be read a line at a time, if that is so of the file as a whole.

    It is one array, pretty-printed, without objects, with something around them, or of a program
    with its own format.
    """
    if error := _foreign(content) or _unmarked(content):
        return error
    start = content.strip()
    first, *others = [line.strip() for line in start.splitlines() if line.strip()] or [b""]
    if others and parses(first):
        return None
    return framing_refusal(content) or _shape_refusal(start, first, others)


def _shape_refusal(start: bytes, first: bytes, others: Sequence[bytes]) -> DocumentError | None:
    """Return why JSON that begins with a line, and goes on with others, is not one a line."""
    if _OBJECTS.match(start) or first == b"[" or _is_array(start):
        return NotAnObjectError(f"a JSON array: {_AS_LINES.format(repr('.[]'))}")
    is_brace = first == b"{" and not parses(b"".join(others[:1]))
    if others and (is_brace or _object_end(start) > len(first)):
        return InvalidJsonError(f"pretty-printed JSON: {_AS_LINES.format('.')}")
    lines = [line.removeprefix(codecs.BOM_UTF8) for line in (first, *others)]
    if start and not any(line.startswith((b"{", b"\0")) for line in lines) and not parses(first):
        return InvalidJsonError(_NO_LINES)
    return None


def _foreign(content: bytes) -> DocumentError | None:
    known = next((name for mark, name in _FOREIGN.items() if content.startswith(mark)), None)
    return (
        InvalidUtf8Error(f"looks like {known}; save it as plain text in UTF-8") if known else None
    )


def _unmarked(content: bytes) -> DocumentError | None:
    if not _UTF16.match(content):
        return None
    return InvalidUtf8Error("UTF-16 without a byte-order mark; save the file as UTF-8")


def _is_mostly_objects(content: bytes) -> bool:
    lines = [line.strip() for line in content.splitlines() if line.strip()]
    objects = [line for line in lines if line.startswith(b"{") and parses(line)]
    return len(objects) > len(lines) / 2


def _object_end(content: bytes) -> int:
    """Return where the object that the content begins with ends; 0 if it begins with none."""
    if not content.startswith(b"{"):
        return 0
    text = content.decode("latin-1")  # a character for each byte
    try:
        return _DECODER.raw_decode(text)[1]
    except (ValueError, RecursionError):
        return 0


def _is_array(content: bytes) -> bool:
    return content[:1] == b"[" and parses(content)


def _utf8(content: bytes) -> bytes:
    encoding = next((name for mark, name in _MARKS.items() if content.startswith(mark)), None)
    if encoding is None:
        return content
    try:
        return content.decode(encoding).encode()
    except UnicodeError as exc:
        msg = f"marked as {encoding.upper()}, but it is not: {exc}"
        raise InvalidUtf8Error(msg) from exc


def _remedy(content: bytes, at: int) -> str:
    number = content.count(b"\n", 0, at) + 1
    return f"line {number}; save the file as UTF-8"
