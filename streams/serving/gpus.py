"""The GPUs that vLLM sees on this machine, and what each engine gets of them."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from ner_core.errors import ConfigurationError
from streams.host.processes import printed_by
from streams.serving.memory import GIB, VISIBLE, memory_of
from streams.serving.model_files import Served
from streams.serving.plan import gpu_shares, planned
from streams.serving.remedies import remedies
from streams.serving.vllm_command import GpuShare, by_port

_ANSWER_S = 120.0
"""Torch is imported first, and every GPU woken."""


async def visible_cards(python: Path) -> list[float]:
    """Return the bytes of every GPU that an interpreter's torch sees.

    Raises:
        ConfigurationError: it sees none, or does not answer.
    """
    code = (
        "import torch;"
        "print(*(torch.cuda.mem_get_info(n)[1] for n in range(torch.cuda.device_count())))"
    )
    printed = await printed_by(python, code, timeout_s=_ANSWER_S)
    cards = [float(size) for size in printed.split()]
    if not cards:
        msg = f"{python} sees no GPU; look at `nvidia-smi`, or name the size of a card (--card)"
        raise ConfigurationError(msg)
    return cards


def visible_ids() -> list[str]:
    """Return how this process's environment names the GPUs; empty if by their numbers."""
    return [one.strip() for one in os.environ.get(VISIBLE, "").split(",") if one.strip()]


async def shares_of(
    models: Sequence[Served], python: Path, cache_folder: Path
) -> Mapping[int, GpuShare]:
    """Return the shares of all engines of this machine, by port; an engine alone has none.

    Raises:
        ConfigurationError: they do not fit, a size is not known, or there is no GPU, or not the
            one that an engine's environment names.
    """
    groups = by_port(models)
    if len(groups) == 1:  # vLLM takes what there is
        return {}
    cards = await visible_cards(python)
    plan = planned([memory_of(group, cache_folder) for group in groups], cards, visible_ids())
    if not plan.fits:
        sizes = ", ".join(f"{card / GIB:.0f}" for card in cards)
        cures = remedies(groups, cache_folder, plan)
        msg = f"the models do not fit on the GPUs here ({sizes} GiB); needed: {'; or '.join(cures)}"
        raise ConfigurationError(msg)
    return gpu_shares(plan)
