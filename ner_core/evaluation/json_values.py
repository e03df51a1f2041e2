"""JSON in files: one value a line, an array of them, or values one after the other."""

import json
import re
from collections.abc import Iterator
from typing import Any

from ner_core.evaluation.labeled import LineError
from ner_core.validation import read_integer


def _once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) < len(members):
        keys = [key for key, _ in members]
        msg = f"the key {next(key for key in keys if keys.count(key) > 1)!r} occurs twice"
        raise ValueError(msg)
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_int=read_integer)
_TOO_DEEP = "Invalid JSON: nested too deep"
_SPACE = re.compile(r"[ \t\r\n]*")

Numbered = tuple[int, Any]
"""The number of the line where a value begins, and the value."""


def read_values(content: str) -> Iterator[Numbered]:
    """Yield the values of JSON lines, or those of an array; lines may end in any way.

    Raises:
        LineError: something is not JSON, or an object has a key twice.
    """
    content = content.replace("\r\n", "\n").replace("\r", "\n")
    lines = [(n, line) for n, line in enumerate(content.split("\n"), start=1) if line.strip()]
    if len(lines) > 1 and _is_whole(lines[0][1]):
        for number, line in lines:
            yield number, _parsed(line, number)
    else:
        yield from _in_a_row(content)


def _is_whole(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _parsed(line: str, number: int) -> Any:  # noqa: ANN401 - JSON is anything
    try:
        return _DECODER.decode(line)
    except json.JSONDecodeError as exc:
        raise LineError(number, f"Invalid JSON: {exc.msg} (column {exc.colno})") from exc
    except ValueError as exc:
        raise LineError(number, f"Invalid JSON: {exc}") from exc
    except RecursionError as exc:
        raise LineError(number, _TOO_DEEP) from exc


def _in_a_row(content: str) -> Iterator[Numbered]:
    """Yield values one after the other; of an array, its items."""
    at, closing = _skipped(content, 0), ""
    number, counted = 1, 0
    if content[at : at + 1] == "[":
        at, closing = _skipped(content, at + 1), "]"
    while at < len(content) and content[at] != closing:
        number, counted = number + content.count("\n", counted, at), at
        try:
            value, at = _DECODER.raw_decode(content, at)
        except json.JSONDecodeError as exc:
            raise LineError(exc.lineno, f"Invalid JSON: {exc.msg} (column {exc.colno})") from exc
        except ValueError as exc:
            raise LineError(number, f"Invalid JSON: {exc}") from exc
        except RecursionError as exc:
            raise LineError(number, _TOO_DEEP) from exc
        yield number, value
        at = _after(content, at, closing) if closing else _skipped(content, at)
    if closing:
        _require_end(content, at)


def _after(content: str, at: int, closing: str) -> int:
    """Return where the next item of an array begins, or the array ends."""
    at = _skipped(content, at)
    if content[at : at + 1] == ",":
        return _skipped(content, at + 1)
    if content[at : at + 1] not in {closing, ""}:
        line = content.count("\n", 0, at) + 1
        raise LineError(line, "Invalid JSON: no comma between the items of an array")
    return at


def _require_end(content: str, at: int) -> None:
    """Check that an array ends at a place, and the content with it."""
    if at >= len(content):
        raise LineError(content.rstrip().count("\n") + 1, "Invalid JSON: the array has no end")
    if (rest := _skipped(content, at + 1)) < len(content):
        line = content.count("\n", 0, rest) + 1
        raise LineError(line, "Invalid JSON: something comes after the end of the array")


def _skipped(content: str, at: int) -> int:
    match = _SPACE.match(content, at)
    return match.end() if match else at
