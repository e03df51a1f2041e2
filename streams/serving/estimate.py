"""An estimate of documents per second: reading prompts is most of the work.

Constants are assumed, but for the speeds: one H100 SXM read 10,600 tokens/s of Qwen3-14B in
bfloat16 and 14,800 in FP8 (GPUStack's measurements, 2,000 tokens in, 100 out).
"""

from dataclasses import dataclass

from ner_core.modes import Modes
from streams.serving.plan import Plan

SENTENCES_PER_DOCUMENT = 25
TOKENS_PER_DEMONSTRATION = 63
TOKENS_PER_SENTENCE = 255
"""The sentence, instructions, and the questions of all stages."""

_QWEN3_14B_PARAMETERS = 14.77e9
_FLOPS_PER_PARAMETER = 2
BF16_FLOPS = _FLOPS_PER_PARAMETER * _QWEN3_14B_PARAMETERS * 10_600
FP8_FLOPS = _FLOPS_PER_PARAMETER * _QWEN3_14B_PARAMETERS * 14_800
_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """Documents per second at most; ``prompt_tokens`` are computed per document and model."""

    prompt_tokens: int
    documents_per_s: float

    def cost(self, per_hour: float) -> float:
        """Return the price of 1,000 documents, if all cards together cost ``per_hour``."""
        return per_hour / _HOUR_S / self.documents_per_s * 1000


def prompt_tokens(modes: Modes) -> int:
    """Return the tokens of a document that a model computes, its prefix cache warm."""
    own = modes.demonstrations - modes.shared_demonstrations
    per_sentence = own if modes.demonstration_scope == "sentence" else 0
    once = modes.demonstrations - per_sentence
    sentence = _demonstration_tokens(per_sentence, modes) + TOKENS_PER_SENTENCE
    return _demonstration_tokens(once, modes) + SENTENCES_PER_DOCUMENT * sentence


def _demonstration_tokens(number: int, modes: Modes) -> int:
    return min(number * TOKENS_PER_DEMONSTRATION, modes.demonstration_tokens)


def estimated(plan: Plan, modes: Modes) -> Estimate | None:
    """Return the estimate; ``None`` if sizes are not known, or no decoder is on a card.

    The busiest card bounds all of them. Encoders are left out.
    """
    if any(share.engine.stated_share is not None for share in plan.shares):
        return None
    tokens = prompt_tokens(modes)
    busiest_s = max(_seconds(plan, card, tokens) for card in range(len(plan.cards)))
    return Estimate(tokens, 1 / busiest_s) if busiest_s else None


def _seconds(plan: Plan, card: int, tokens: int) -> float:
    """Return the seconds that a card computes for one document."""
    return sum(
        _FLOPS_PER_PARAMETER * engine.parameters * tokens / flops(engine.precision)
        for engine in plan.on(card)
        if engine.kv_bytes_per_token
    )


def flops(precision: str) -> float:
    """Return the operations per second that a card reaches with weights of a precision."""
    return FP8_FLOPS if precision.startswith("fp8") else BF16_FLOPS
