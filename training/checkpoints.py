"""What a run that was cut off needs to go on: adapter, optimizer, step, and the log so far."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import torch


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """A folder with the newest checkpoint, and a log of JSON lines."""

    folder: Path

    def save(self, step: int, tokens: int, model: Any, optimizer: torch.optim.Optimizer) -> None:  # noqa: ANN401
        """Write adapter and optimizer; a cut in the middle leaves the older one."""
        model.save_pretrained(self.folder / "adapter")
        part = self.folder / "state.part"
        weights = {n: p.detach() for n, p in model.named_parameters() if p.requires_grad}
        state = {"step": step, "tokens": tokens, "weights": weights}
        torch.save(state | {"optimizer": optimizer.state_dict()}, part)
        part.replace(self.folder / "state.pt")

    def load(self, model: Any, optimizer: torch.optim.Optimizer) -> tuple[int, int]:  # noqa: ANN401
        """Put back what was saved; gives steps done and tokens read, 0 where nothing was."""
        path = self.folder / "state.pt"
        if not path.exists():
            return 0, 0
        state = torch.load(path, weights_only=True, map_location="cpu")
        model.load_state_dict(state["weights"], strict=False)
        optimizer.load_state_dict(state["optimizer"])
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
