"""Reads vLLM's flags, as an ensemble file names them."""

import re
from collections.abc import Container, Sequence
from itertools import pairwise

_LONG = {
    "-q": "--quantization",
    "-tp": "--tensor-parallel-size",
    "-pp": "--pipeline-parallel-size",
    "-dp": "--data-parallel-size",
}
_FLAG = re.compile(r"--?[A-Za-z]")
"""Begins a flag; a negative number is a value."""
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)([kmKM]?)")
_FACTORS = {"": 1, "k": 10**3, "m": 10**6, "K": 2**10, "M": 2**20}


def value_of(flags: Sequence[str], name: str, unnamed: str = "") -> str:
    """Return the value of a flag, written ``--flag value`` or ``--flag=value``; the last one.

    ``name`` is the long one with hyphens; vLLM takes underscores and some short ones, too.
    """
    found = unnamed
    for flag, following in pairwise([*flags, ""]):
        _, equals, value = flag.partition("=")
        if _name(flag) == name:
            found = value if equals else following
    return found


def without(flags: Sequence[str], names: Container[str]) -> list[str]:
    """Return the flags with their values, except those of such long names."""
    found, named = [], False
    for part in flags:
        if _FLAG.match(part):
            named = _name(part) in names
        if not named:
            found.append(part)
    return found


def _name(flag: str) -> str:
    """Return the long name of a flag, with hyphens."""
    written = flag.partition("=")[0]
    return _LONG.get(written, written.replace("_", "-"))


def tokens_of(number: str) -> int | None:
    """Return a number as vLLM reads it: ``4096``, ``4k``, ``4K``; ``None`` if it is none."""
    found = _NUMBER.fullmatch(number)
    return int(float(found[1]) * _FACTORS[found[2]]) if found else None


def precision_of(flags: Sequence[str], unnamed: str) -> str:
    """Return the quantization or else the data type that flags name."""
    return value_of(flags, "--quantization") or value_of(flags, "--dtype") or unnamed
