"""What would make engines fit that do not."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from streams.serving.memory import GIB, SHARE_FLAG, VISIBLE, memory_of
from streams.serving.model_files import Served
from streams.serving.plan import Plan, card_that_fits, cards_that_fit, planned

_LEAST_CONTEXT_TOKENS = 512


def remedies(groups: Sequence[Sequence[Served]], cache_folder: Path, plan: Plan) -> list[str]:
    """Return each change that alone would be enough."""
    engines = [share.engine for share in plan.shares]
    smaller = [memory_of(group, cache_folder, fp8=True) for group in groups]
    unshared = [replace(e, stated_share=e.stated_share and 0.0) for e in engines]
    anywhere = [replace(e, gpu=None) for e in engines]
    number, largest = len(plan.cards), max(plan.cards)
    found = []
    if smaller != engines and planned(smaller, plan.cards, plan.ids).fits:
        found.append("weights in FP8 (`--quantization fp8_per_channel` in the flags)")
    if unshared != engines and planned(unshared, plan.cards, plan.ids).fits:
        found.append(f"lower shares (`{SHARE_FLAG}` in the flags)")
    if anywhere != engines and planned(anywhere, plan.cards).fits:
        found.append(f"no {VISIBLE} in the environment of the engines")
    if plan.context_tokens >= _LEAST_CONTEXT_TOKENS:
        tokens = plan.context_tokens
        found.append(f"a context of at most {tokens} tokens (context_tokens and --max-model-len)")
    if gib := card_that_fits(engines, number, math.floor(largest / GIB), plan.ids):
        found.append(f"cards of {gib} GiB" if number > 1 else f"a card of {gib} GiB")
    if (count := cards_that_fit(anywhere, largest)) and count > number:
        found.append(f"{count} cards of {largest / GIB:.0f} GiB")
    return found or ["other models: no change of cards, context or precision is enough"]
