"""Weights in float32 that are trained, beside the copies that a model computes with."""

from typing import Any

import torch


class MasterWeights:
    """The trained weights of a model in float32, and AdamW on them.

    The model computes in its own precision, in which small steps would be rounded away
    (Micikevicius et al. 2018).
    """

    def __init__(self, model: Any) -> None:  # noqa: ANN401 - peft is not typed
        self._used = [p for p in model.parameters() if p.requires_grad]
        self._kept = [p.detach().float().requires_grad_() for p in self._used]
        self._optimizer = torch.optim.AdamW(self._kept, weight_decay=0)

    def step(self, rate: float) -> None:
        """Take a step along the model's gradients, which are used up."""
        for kept, used in zip(self._kept, self._used, strict=True):
            kept.grad = used.grad.float() if used.grad is not None else None
            used.grad = None
        torch.nn.utils.clip_grad_norm_(self._kept, 1.0)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.step()
        self._copy()

    def state(self) -> dict[str, Any]:
        """Return what ``load`` needs."""
        weights = [kept.detach() for kept in self._kept]
        return {"weights": weights, "optimizer": self._optimizer.state_dict()}

    def load(self, state: dict[str, Any]) -> None:
        """Put back a state, in the model too."""
        with torch.no_grad():
            torch._foreach_copy_(self._kept, state["weights"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._copy()

    def _copy(self) -> None:
        with torch.no_grad():
            torch._foreach_copy_(self._used, self._kept)
