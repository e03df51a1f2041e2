"""Training texts as tokens, with a weight for each that the model has to write."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch
from torch.nn.utils.rnn import pad_sequence

from training.sequences import Sequences, TrainingText, Written

TOKENS = 1100
"""Most tokens of a sequence; what is longer is cut. Also of a batch, padding counted, on a CPU."""
_SORTED_AT_ONCE = 8
"""Batches whose sequences are sorted by length together, to have little padding."""


_Row = tuple[torch.Tensor, torch.Tensor]


@dataclass(frozen=True, slots=True)
class Batch:
    """Token ids and weights of the tokens to write, both of shape (sequences, longest)."""

    ids: torch.Tensor
    weights: torch.Tensor

    @property
    def tokens(self) -> int:
        """Number of tokens, padding counted."""
        return int(self.ids.numel())


def batches(sequences: Sequences, tokenizer: Any, most: int = TOKENS) -> Iterator[Batch]:  # noqa: ANN401
    """Yield batches without end, each as full as it gets with ``most`` tokens.

    ``tokenizer`` is a fast one.
    """
    rows = (_row(text, tokenizer) for text in sequences)
    if most <= TOKENS:
        yield from _filled(rows, most)
        return
    chance = random.Random(0)  # noqa: S311 - an order, no secrets
    while True:
        drawn = list(islice(rows, _SORTED_AT_ONCE * most // TOKENS))
        filled = list(_filled(iter(sorted(drawn, key=lambda row: len(row[0]))), most))
        yield from chance.sample(filled, len(filled))


def _filled(rows: Iterator[_Row], most: int) -> Iterator[Batch]:
    kept: list[_Row] = []
    for row in rows:
        if kept and (len(kept) + 1) * max(len(ids) for ids, _ in (*kept, row)) > most:
            yield _batch(kept)
            kept = []
        kept.append(row)
    if kept:
        yield _batch(kept)


def _batch(rows: Sequence[_Row]) -> Batch:
    ids, weights = zip(*rows, strict=True)
    return Batch(pad_sequence(ids, batch_first=True), pad_sequence(weights, batch_first=True))


def _row(text: TrainingText, tokenizer: Any) -> _Row:  # noqa: ANN401
    encoded = tokenizer(text.text, return_offsets_mapping=True)
    weights = [_weight(start, end, text.written) for start, end in encoded["offset_mapping"]]
    return torch.tensor(encoded["input_ids"][:TOKENS]), torch.tensor(weights[:TOKENS])


def _weight(start: int, end: int, written: Sequence[Written]) -> float:
    """Return the weight of a token: it counts where it stands in an answer, or reaches into one."""
    return next((w.weight for w in written if start < w.end and end > w.start), 0.0)
