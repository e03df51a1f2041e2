"""Batches to train on, made by this process or, for a GPU, by several beside it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from ner_core.types import Demonstration
from training.sequences import Sequences
from training.tokens import Batch, batches


class Stream(IterableDataset[Batch]):  # type: ignore[misc] # torch is untyped
    """Endless batches, the same for the same seed and number of workers.

    Seeds of workers are closer to each other than those of two checkpoints, so a resumed run
    reads other texts.
    """

    def __init__(
        self,
        sentences: Mapping[str, Sequence[Demonstration]],
        control_tokens: Sequence[str],
        tokenizer: Any,  # noqa: ANN401 - a fast one
        *,
        seed: int,
        tokens: int,
    ) -> None:
        self._sentences, self._control_tokens = sentences, control_tokens
        self._tokenizer, self._seed, self._tokens = tokenizer, seed, tokens

    def __iter__(self) -> Iterator[Batch]:
        worker = get_worker_info()
        seed = self._seed + 1_000 * (worker.id if worker else 0)
        sequences = Sequences(self._sentences, self._control_tokens, seed)
        return batches(sequences, self._tokenizer, self._tokens)


def loaded(stream: Stream, workers: int) -> Iterator[Batch]:
    """Return the batches, made by ``workers`` processes; by this one for 0."""
    return iter(DataLoader(stream, batch_size=None, num_workers=workers))
