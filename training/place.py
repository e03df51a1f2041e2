"""Where a run computes, and in which precision: on a GPU where there is one, else measured."""

import time
from dataclasses import dataclass

import torch

_SIZE, _TIMES = 512, 20


@dataclass(frozen=True, slots=True)
class Place:
    """A device, and the precision of the weights and of what is computed with them."""

    device: str
    dtype: torch.dtype


def find_place() -> Place:
    """Return the GPU in bfloat16, or the processor in whichever precision it is faster in.

    Processors differ by a factor of 60 one way and of 4 the other (docs/decisions/0010).
    """
    if torch.cuda.is_available():
        return Place("cuda", torch.bfloat16)
    return Place("cpu", min((torch.float32, torch.bfloat16), key=_seconds))


def _seconds(dtype: torch.dtype) -> float:
    one = torch.ones(_SIZE, _SIZE, dtype=dtype)
    one @ one  # the first product also sets things up
    began = time.monotonic()
    for _ in range(_TIMES):
        one @ one
    return time.monotonic() - began
