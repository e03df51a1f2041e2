"""How far a run has come: steps, tokens, speed; told on the way and kept in its log."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from training.checkpoints import Checkpoints

_TOLD_EVERY = 10


@dataclass(slots=True)
class Progress:
    """Counts from ``step`` to ``steps``; ``tokens`` of earlier parts of the run included."""

    checkpoints: Checkpoints
    steps: int
    step: int
    tokens: int
    _losses: list[float] = field(default_factory=list)
    _since: float = field(default_factory=time.monotonic)
    _tokens_then: int = -1

    def count(self, loss: float, tokens: int) -> None:
        """Count a step; every tenth is told, with the mean loss since the last one told."""
        if not self._losses:
            self._tokens_then = self.tokens
        self._losses.append(loss)
        self.step += 1
        self.tokens += tokens
        if len(self._losses) == _TOLD_EVERY:
            self._tell()

    def at(self, every: int) -> bool:
        """Whether it is time for what is done every so many steps, and at the end."""
        return self.step % every == 0 or self.step == self.steps

    def tell_of(self, f1: Mapping[str, float]) -> None:
        """Log what was measured at this step."""
        self.checkpoints.log(tokens=self.tokens, **f1)
        print(
            f"step {self.step}  F1 " + ", ".join(f"{k} {v:.1f}" for k, v in f1.items()), flush=True
        )
        self._since = time.monotonic()

    def _tell(self) -> None:
        seconds = time.monotonic() - self._since
        loss = sum(self._losses) / len(self._losses)
        speed = (self.tokens - self._tokens_then) / seconds
        left_min = seconds / len(self._losses) * (self.steps - self.step) / 60
        self.checkpoints.log(
            step=self.step, tokens=self.tokens, loss=round(loss, 4), tokens_per_s=round(speed)
        )
        print(
            f"step {self.step} of {self.steps}  loss {loss:.3f}  {speed:.0f} tokens/s"
            f"  {left_min:.0f} min left",
            flush=True,
        )
        self._losses, self._since = [], time.monotonic()
