"""What pydantic or the system found wrong, in one line; and files as people save them."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

_Details = Mapping[str, Any]
"""Of one error of pydantic: ``loc``, ``type``, ``msg``, ``input``."""
_RAISED = "Value error, "
_IN_TOML = {
    "extra_forbidden": "unknown key; correct or remove it",
    "tuple_type": "should be a list; the tables of a list have two brackets, as [[backbone]]",
    "model_type": "should be a table",
    "dict_type": "should be a table",
}
"""Errors of pydantic, by their types, that have Python's words for what TOML calls otherwise."""
_SECRET = re.compile(r"password|secret|token(?!s)|key(?!s)|url", re.IGNORECASE)
"""Names of keys whose values are never shown."""
_SHOWN = 60
"""So many characters of a wrong value are shown."""
_MOST_DIGITS = 4300
"""What Python reads unless it is told otherwise."""


class Frozen(BaseModel):
    """A part of a file: unknown keys are refused, and values stay out of pydantic's messages."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False
    )


def json_kind(value: object) -> str:
    """Return what JSON calls a value that was read from it."""
    kinds = (bool, "boolean"), (int | float, "number"), (str, "string"), (list, "array")
    named = (name for kind, name in (*kinds, (dict, "object")) if isinstance(value, kind))
    return next(named, "null")


def read_toml(path: Traversable) -> dict[str, Any]:
    """Return what a TOML file says.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not UTF-8, or not TOML.
    """
    return tomllib.loads(read_text(path))


def read_integer(text: str) -> int:
    """Return an integer as JSON writes it, whatever limit Python has been given.

    Raises:
        ValueError: it has more than 4,300 digits.
    """
    if len(digits := text.lstrip("-")) > _MOST_DIGITS:
        msg = f"an integer of {len(digits)} digits"
        raise ValueError(msg)
    return int(text)


def read_text(path: Traversable) -> str:
    """Return the text of a file without the byte-order mark that editors put before it.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not UTF-8.
    """
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as exc:
        msg = f"not UTF-8: {exc.reason} at byte {exc.start}; save the file as UTF-8"
        raise ValueError(msg) from exc


def reason(error: Exception, named: Path | None = None) -> str:
    """Return why a file cannot be used.

    Messages name the file themselves, so the number of the error and the path are left out. If
    ``named`` is what the message names, the path of another file follows the reason.
    """
    if isinstance(error, ValidationError):
        return wrong_keys(error)
    if isinstance(error, OSError) and error.strerror:
        own = named is None or error.filename is None or str(error.filename) == str(named)
        return error.strerror if own else f"{error.strerror}: {error.filename}"
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def problems(error: ValidationError) -> str:
    """Return every problem as ``field: what is wrong``; no value, because it may be private."""
    return "; ".join(_problem(e, ".".join(map(str, e["loc"]))) for e in _errors(error))


def wrong_keys(error: ValidationError, source: Callable[[str], str] = str) -> str:
    """Return every problem of a file of settings as ``key = value: what is wrong``.

    ``source`` names the outermost key as whoever set it knows it. The value of an unknown key is
    not shown, nor that of one whose name is that of a secret.
    """
    return "; ".join(_wrong_key(e, source) for e in _errors(error))


def _wrong_key(e: _Details, source: Callable[[str], str]) -> str:
    keys, value = [str(key) for key in e["loc"]], e["input"]
    where = ".".join([*map(source, keys[:1]), *keys[1:]])
    is_known = e["type"] != "extra_forbidden" and not any(map(_SECRET.search, keys))
    if keys and is_known and isinstance(value, str | int | float):
        where = f"{where} = {value!r:.{_SHOWN}}"
    return f"{where}: {_IN_TOML[e['type']]}" if e["type"] in _IN_TOML else _problem(e, where)


def _problem(e: _Details, where: str) -> str:
    return ": ".join(filter(None, [where, e["msg"].removeprefix(_RAISED)]))


def _errors(error: ValidationError) -> Iterator[_Details]:
    """Yield the errors; a list that is too short for the errors of its own items is none."""
    errors: list[Any] = error.errors()
    for e in errors:
        inside = (other["loc"][: len(e["loc"])] == e["loc"] and other is not e for other in errors)
        if e["type"] != "too_short" or not any(inside):
            yield e
