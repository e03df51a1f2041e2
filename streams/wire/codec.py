"""JSON as the topics hold it, exactly: whatever came in can go out."""

import json
import math
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any, NoReturn

import orjson

from ner_core.validation import read_integer

Json = Mapping[str, object]


def load_json(text: str, repeated: list[str] | None = None, *, every_level: bool = False) -> Any:  # noqa: ANN401 # anything
    """Parse JSON exactly: big integers stay integers, lone surrogates stay what they are.

    Of a key that an object has more than once the last counts. ``repeated`` is filled with
    those of the outermost object, or of the objects of every level.

    The standard library is used because orjson turns big integers into floats and refuses
    lone surrogates, which JSON allows.

    Raises:
        ValueError: not JSON, or a number that no float holds or that has too many digits.
    """
    noted = _noted_inside if every_level else _noted
    try:
        return json.loads(
            text,
            parse_constant=_refuse_number,
            parse_float=_finite,
            parse_int=read_integer,
            object_pairs_hook=None if repeated is None else partial(noted, repeated),
        )
    except json.JSONDecodeError as exc:
        line = f"line {exc.lineno}, " if "\n" in text else ""
        msg = f"{exc.msg} ({line}column {exc.colno})"
        raise ValueError(msg) from exc
    except RecursionError as exc:
        msg = "nested too deep"
        raise ValueError(msg) from exc


def _noted(repeated: list[str], members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object, and note its repeated keys; the outermost one is the last to be noted."""
    made = dict(members)
    repeated[:] = _repeated(members) if len(made) < len(members) else []
    return made


def _noted_inside(repeated: list[str], members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object, and add its repeated keys to those noted before."""
    made = dict(members)
    if len(made) < len(members):
        repeated += _repeated(members)
    return made


def _repeated(members: list[tuple[str, Any]]) -> list[str]:
    counts = Counter(key for key, _ in members)
    return [key for key, number in counts.items() if number > 1]


def _refuse_number(name: str) -> NoReturn:
    msg = f"{name} is not JSON"
    raise ValueError(msg)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        msg = f"number {text} is over the range of a float"
        raise ValueError(msg)
    return value


def encode(value: object) -> bytes:
    """JSON bytes; what orjson refuses (lone surrogates, big integers) is written as ASCII."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode("ascii")
