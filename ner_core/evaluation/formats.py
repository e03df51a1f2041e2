"""What a labeled file is, by its content; formats that are not read are refused by name."""

import codecs
import csv
import re
from typing import Literal

from ner_core.evaluation.labeled import LineError
from ner_core.evaluation.tags import is_tag

Format = Literal["json", "brat", "columns"]

_REMEDY = "give JSON lines, CoNLL columns or brat (docs/how-to/new-types.md)"
_JSON = re.compile(r'\s*(\{|\[\s*[\[{"\]]|\[\s*$)')
_BRAT = re.compile(r"T\d+\t\S+ \d+[ ;]")
_FOREIGN = {
    "XML or HTML": re.compile(r"\s*<(\?xml|!DOCTYPE|!--|[A-Za-z][\w.:-]*[\s>/])"),
    "WebAnno TSV": re.compile(r"#FORMAT=WebAnno TSV"),
    "PubTator": re.compile(r"\d+\|[ta]\|"),
    "Rasa's training data": re.compile(r"(version:[^\n]*\n\s*)?nlu:|## *(intent|synonym|lookup):"),
}
_INSIDE = {
    "a text with tags around its names": re.compile(r"<([A-Za-z][\w.-]*)[^<>]*>[^<>]+</\1\s*>"),
    "a text with brackets around its names": re.compile(
        r"\[(?:[A-Z]{2,}\s[^\]]+|[^\]]+\]\([^()]+\))"
    ),
    "words and tags with slashes between them": re.compile(
        r"(?:\S+/(?:O|[A-Z]{3,}|[BIESLU]-\w+)(?:\s+|$)){2,}"
    ),
}
"""What a line has in it that is no row of columns."""
_LOOKED_AT = 2000
"""So many characters of a line."""
_MARKS = {  # the longer ones first: that of UTF-32 begins with that of UTF-16
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_BINARY = {
    b"PK\x03\x04": "a zip archive, such as a workbook",
    b"x\x9c": "zlib, such as a DocBin of spaCy",
    b"x\xda": "zlib, such as a DocBin of spaCy",
    b"\xd0\xcf\x11\xe0": "a workbook or a Word document",
    b"\x80\x04": "a pickle of Python",
    b"\x80\x05": "a pickle of Python",
    b"\x93NUMPY": "NumPy",
    b"PAR1": "Parquet",
    b"%PDF": "PDF",
    b"ARROW1": "Arrow",
    b"SQLite format 3": "SQLite",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "Zstandard",
}


def decoded(content: bytes) -> str:
    """Return the content as a text; UTF-16 and UTF-32 with a byte-order mark are honored.

    Raises:
        LineError: it is not UTF-8.
    """
    if known := next((name for mark, name in _BINARY.items() if content.startswith(mark)), None):
        raise LineError(1, f"looks like {known}; {_REMEDY}")
    try:
        marked = (name for mark, name in _MARKS.items() if content.startswith(mark))
        text = content.decode(next(marked, "utf-8"))
    except UnicodeDecodeError as exc:
        line = content.count(b"\n", 0, exc.start) + 1
        reason = f"not {exc.encoding.upper()}: {exc.reason} at byte {exc.start}"
        raise LineError(line, f"{reason}; save the file as UTF-8") from exc
    if (at := text.find("\0")) >= 0:
        line = text.count("\n", 0, at) + 1
        raise LineError(
            line, "a NUL character: UTF-16 without a mark, or no text; save it as UTF-8"
        )
    return text


def format_of(content: str) -> Format:
    """Return the format of a file by its beginning.

    Raises:
        LineError: it looks like a format that is not read.
    """
    lines = [line for line in content.split("\n") if line.strip()][:2]
    if not lines or any(_is_row(line) for line in lines[:1]):
        return "columns"
    if _JSON.match(content):
        return "json"
    if _BRAT.match(content):
        return "brat"
    if known := next((name for name, form in _FOREIGN.items() if form.match(content)), None):
        raise LineError(1, f"looks like {known}; {_REMEDY}")
    if any(_is_delimited(lines, delimiter) for delimiter in ",;|"):
        raise LineError(1, f"looks like CSV: {lines[0].strip()!r}; {_REMEDY}")
    if inside := _inside(lines[0][:_LOOKED_AT]):
        raise LineError(1, f"looks like {inside}: {lines[0].strip()[:80]!r}; {_REMEDY}")
    return "columns"


def _inside(line: str) -> str | None:
    """Return what a line with names marked in it is; a comment or a row may have anything."""
    if line.startswith("#") or "\t" in line:
        return None
    return next((name for name, form in _INSIDE.items() if form.search(line)), None)


def _is_row(line: str) -> bool:
    cells = line.split()
    return len(cells) > 1 and is_tag(cells[-1])


def _is_delimited(lines: list[str], delimiter: str) -> bool:
    """Whether the first lines are cells between delimiters: a header, or a token and a tag."""
    if any(delimiter not in line or "\t" in line or _is_row(line) for line in lines):
        return False
    cells = [_cells(line, delimiter) for line in lines]
    same = len({len(row) for row in cells}) == 1 and len(lines) > 1
    return same or any(is_tag(row[-1]) for row in cells)


def _cells(line: str, delimiter: str) -> list[str]:
    """Return the cells of a line, in quotes or without; a line that is no CSV is one cell."""
    try:
        [cells] = csv.reader([line.rstrip("\r")], delimiter=delimiter, skipinitialspace=True)
    except csv.Error:
        return [line]
    return [cell.strip(' "') for cell in cells]
