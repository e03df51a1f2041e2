"""What a run that was cut off needs to go on: adapter, optimizer, step, and the log so far."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import torch

from training.master_weights import MasterWeights


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """A folder with the newest checkpoint, and a log of JSON lines."""

    folder: Path

    def save(self, step: int, tokens: int, model: Any, weights: MasterWeights) -> None:  # noqa: ANN401
        """Write adapter, weights and optimizer; a cut in the middle leaves the older ones."""
        model.save_pretrained(self.folder / "adapter")
        part = self.folder / "state.part"
        torch.save({"step": step, "tokens": tokens, **weights.state()}, part)
        part.replace(self.folder / "state.pt")

    def load(self, weights: MasterWeights) -> tuple[int, int]:
        """Put back what was saved; gives steps done and tokens read, 0 where nothing was."""
        path = self.folder / "state.pt"
        if not path.exists():
            return 0, 0
        state = torch.load(path, weights_only=True, map_location="cpu")
        weights.load(state)
        return int(state["step"]), int(state["tokens"])

    def log(self, **values: float) -> None:
        """Add a line to the log."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "log.jsonl").open("ab") as file:
            file.write(orjson.dumps(values) + b"\n")

    def read_log(self) -> list[dict[str, float]]:
        """Return all lines of the log."""
        path = self.folder / "log.jsonl"
        lines = path.read_bytes().splitlines() if path.exists() else []
        return [orjson.loads(line) for line in lines]
