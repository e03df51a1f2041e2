"""Reads vLLM's flags, as an ensemble file names them."""

from collections.abc import Sequence
from itertools import pairwise


def value_of(flags: Sequence[str], name: str, unnamed: str = "") -> str:
    """Return the value of a flag, written ``--flag value`` or ``--flag=value``; the last one."""
    found = unnamed
    for flag, following in pairwise([*flags, ""]):
        if flag == name:
            found = following
        elif flag.startswith(f"{name}="):
            found = flag.partition("=")[2]
    return found


def precision_of(flags: Sequence[str], unnamed: str) -> str:
    """Return the quantization or else the data type that flags name."""
    return value_of(flags, "--quantization") or value_of(flags, "--dtype") or unnamed
