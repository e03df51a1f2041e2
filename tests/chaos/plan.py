"""What a chaos run does."""

from dataclasses import dataclass

WORKER = ("streams.cli", "worker")
PARTITIONS = 12
"""Faust gives no worker more than its share, rounded up: of 4 partitions a third may get none."""


@dataclass(frozen=True)
class Plan:
    """How long and how hard; ``kinds`` are the faults, ``module`` is the worker that is run.

    The engines are scripted, or the ``real`` ones of the adapted ensemble. With ``rounds``
    nothing more is sent when each kind has struck so often. A run ends when every document has
    its outcome, or none came for ``patience_s``. Between two faults is a random pause.
    """

    seed: int
    documents: int
    seconds: float
    kinds: tuple[str, ...]
    module: tuple[str, ...] = WORKER
    workers: int = 3
    partitions: int = PARTITIONS
    patience_s: float = 60.0
    rounds: int | None = None
    real: bool = False
    pause_s: tuple[float, float] = (0.5, 3.0)
