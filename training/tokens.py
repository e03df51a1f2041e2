"""Training texts as tokens, with a weight for each that the model has to write."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch

from training.sequences import Sequences, TrainingText

LENGTH = 512
"""Tokens of a sequence; what is longer is cut at an answer's end where it can be."""
_FIRST = 0.5
"""Weight of the first answer of a sequence: no demonstration stands before it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Token ids and weights of the tokens to write, both of shape (sequences, LENGTH)."""

    ids: torch.Tensor
    weights: torch.Tensor


def batches(sequences: Sequences, tokenizer: Any, size: int) -> Iterator[Batch]:  # noqa: ANN401
    """Give batches without end; ``tokenizer`` is one of transformers' fast ones."""
    rows = (_row(text, tokenizer) for text in sequences)
    while True:
        drawn = [next(rows) for _ in range(size)]
        yield Batch(torch.stack([i for i, _ in drawn]), torch.stack([w for _, w in drawn]))


def _row(text: TrainingText, tokenizer: Any) -> tuple[torch.Tensor, torch.Tensor]:  # noqa: ANN401
    encoded = tokenizer(text.text, return_offsets_mapping=True, add_special_tokens=False)
    ids = torch.full((LENGTH,), tokenizer.eos_token_id or 0)
    weights = torch.zeros(LENGTH)
    tokens = list(zip(encoded["input_ids"], encoded["offset_mapping"], strict=True))[:LENGTH]
    for at, (token, (start, end)) in enumerate(tokens):
        ids[at] = token
        weights[at] = _weight(start, end, text.answers)
    return ids, weights


def _weight(start: int, end: int, answers: tuple[tuple[int, int], ...]) -> float:
    """Give the weight of a token: it counts where it stands in an answer, or reaches into one."""
    for number, (first, last) in enumerate(answers):
        if start < last and end > first:
            return _FIRST if number == 0 else 1.0
    return 0.0
