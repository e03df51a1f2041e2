"""JSON as the topics hold it, exactly: whatever came in can go out."""

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn

import orjson

Json = Mapping[str, object]


def load_json(text: str) -> Any:  # noqa: ANN401 # JSON is anything
    """Parse JSON exactly: big integers stay integers, lone surrogates stay what they are.

    The standard library is used because orjson turns big integers into floats and refuses
    lone surrogates, which JSON allows.

    Raises:
        ValueError: not JSON, or a number that no float holds.
    """
    try:
        return json.loads(text, parse_constant=_refuse_number, parse_float=_finite)
    except RecursionError as exc:
        msg = "nested too deep"
        raise ValueError(msg) from exc


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
