"""What people see of a plan."""

import shlex
from collections.abc import Sequence

from rich.table import Table

from streams.serving.estimate import (
    BF16_FLOPS,
    FP8_FLOPS,
    SENTENCES_PER_DOCUMENT,
    TOKENS_PER_DEMONSTRATION,
    TOKENS_PER_SENTENCE,
    Estimate,
)
from streams.serving.memory import GIB
from streams.serving.plan import USABLE, Plan, Share

_COLUMNS = ("engine", "card", "precision", "weights", "overhead", "KV cache", "tokens", "share")


def table_of(plan: Plan) -> Table:
    """Return the table of all engines; sizes in GiB."""
    table = Table(box=None, pad_edge=False)
    for name in _COLUMNS:
        table.add_column(
            name, no_wrap=True, justify="left" if name in {"engine", "precision"} else "right"
        )
    for share in plan.shares:
        table.add_row(*_cells(share))
    return table


def lines_of(plan: Plan, cures: Sequence[str]) -> list[str]:
    """Return whether it fits, and the flags or what would be enough; sizes in GiB."""
    if not plan.fits:
        return ["It does not fit. It would with", *(f"  - {cure}" for cure in cures)]
    held = [s.kv_tokens / s.engine.context_tokens for s in plan.shares if s.kv_bytes]
    room = f" Every model holds {min(held):.0f} prompts of full context." if held else ""
    own = [share for share in plan.shares if share.flags]
    if not own:
        return ["It fits, by the shares that the flags name."]
    flags = [f"  {share.engine.name}: {shlex.join(share.flags)}" for share in own]
    return [f"It fits: {USABLE:.0%} of a card are planned.{room}", "Flags:", *flags]


def line_of_one(name: str) -> str:
    """Return what an engine gets that shares its GPUs with no other."""
    return (
        f"{name} is the only engine here: it is given no flags, and takes vLLM's default share "
        "unless its own flags name one. Whether that is enough, vLLM says when it starts."
    )


def estimate_lines(estimate: Estimate, plan: Plan, price_per_hour: float | None) -> list[str]:
    """Return the estimate with its formula; ``price_per_hour`` is that of one card."""
    tokens = estimate.prompt_tokens
    lines = [
        (
            f"Estimate, not measured: at most {estimate.documents_per_s:.2g} documents/s "
            f"({estimate.documents_per_s * 3600:,.0f} an hour) on cards as fast as an H100"
        ),
        "  = 1 / sum over the busiest card's models of (2 x parameters x prompt tokens / FLOP/s)",
        (
            f"  prompt tokens of a document and model: {tokens:,}, for {SENTENCES_PER_DOCUMENT} "
            f"sentences of {TOKENS_PER_SENTENCE} and {TOKENS_PER_DEMONSTRATION} a demonstration"
        ),
        f"  FLOP/s: {BF16_FLOPS:.1e} in bfloat16, {FP8_FLOPS:.1e} in FP8",
    ]
    if price_per_hour is None:
        return lines
    number = len(plan.cards)
    cost = estimate.cost(price_per_hour * number)
    lines.append(
        f"Cost, by the same estimate: {cost:.2f} for 1,000 documents = "
        f"{price_per_hour:g} an hour x {number} cards / 3600 / documents/s x 1,000"
    )
    return lines


def _cells(share: Share) -> tuple[str, ...]:
    engine = share.engine
    of_card = f"{share.of_card:.1%}"
    names = (engine.name, str(share.card), engine.precision)
    if engine.stated_share is not None:
        return (*names, "", "", "by its flags", "", of_card)
    fixed = (f"{size / GIB:.1f}" for size in (engine.weights_bytes, engine.overhead_bytes))
    if not engine.kv_bytes_per_token:
        return (*names, *fixed, "none", "", of_card)
    if share.kv_tokens <= 0:
        return (*names, *fixed, "none left", "", "")
    return (*names, *fixed, f"{share.kv_bytes / GIB:.1f}", f"{share.kv_tokens:,}", of_card)
