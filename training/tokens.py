"""Training texts as tokens, with a weight for each that the model has to write."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.utils.rnn import pad_sequence

from training.sequences import Sequences, TrainingText, Written

TOKENS = 1100
"""Most tokens of a batch, padding counted, and so of a sequence; what is longer is cut."""


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


def batches(sequences: Sequences, tokenizer: Any) -> Iterator[Batch]:  # noqa: ANN401
    """Yield batches without end, each as full as it gets; ``tokenizer`` is a fast one."""
    rows: list[_Row] = []
    for text in sequences:
        row = _row(text, tokenizer)
        if rows and (len(rows) + 1) * max(len(ids) for ids, _ in (*rows, row)) > TOKENS:
            yield _batch(rows)
            rows = []
        rows.append(row)


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
