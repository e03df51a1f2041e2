"""A small encoder that reads two texts and chooses one of four answers, with LoRA on it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from peft import (
    LoraConfig,
    get_peft_model,
    get_peft_model_state_dict,
    set_peft_model_state_dict,
)
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from training.questions import Question

_ANSWERS, _RANK, _ALPHA, _DROPOUT = 4, 16, 32, 0.05
_LINEAR = ["query", "key", "value", "dense"]
_TOKENS, _AT_ONCE = 128, 64
_TURNED = [1, 0, 2, 3]
"""Answers of a question with its types in the other order."""


class CrossEncoder:
    """The encoder with a fresh head and LoRA on all linear layers, and its optimizer."""

    def __init__(self, path: Path) -> None:
        model = AutoModelForSequenceClassification.from_pretrained(
            path, num_labels=_ANSWERS, attn_implementation="eager"
        )
        config = LoraConfig(
            r=_RANK,
            lora_alpha=_ALPHA,
            lora_dropout=_DROPOUT,
            target_modules=_LINEAR,
            modules_to_save=["classifier"],
            task_type="SEQ_CLS",
        )
        self._tokenizer = AutoTokenizer.from_pretrained(path)
        self._model = get_peft_model(model, config)
        self._optimizer = self._fresh_optimizer()

    def learn(self, questions: Sequence[Question], rate: float) -> float:
        """Take one step on the answers; returns the mean loss before it."""
        self._model.train()
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        answers = torch.tensor([question.answer for question in questions])
        loss = torch.nn.functional.cross_entropy(self._logits(questions), answers)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._model.parameters(), 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad()
        return float(loss.detach())

    def answers(self, questions: Sequence[Question]) -> NDArray[np.float32]:
        """Return P(answer), shape (questions, 4): the mean over both orders of the types."""
        self._model.eval()
        parts = [questions[at : at + _AT_ONCE] for at in range(0, len(questions), _AT_ONCE)]
        empty = np.zeros((0, _ANSWERS), np.float32)
        return np.concatenate([empty, *(self._both_orders(part) for part in parts)])

    def state(self) -> dict[str, torch.Tensor]:
        """Return a copy of the weights that are trained."""
        return {name: w.clone() for name, w in get_peft_model_state_dict(self._model).items()}

    def start(self, state: Mapping[str, torch.Tensor]) -> None:
        """Put back weights, with a fresh optimizer."""
        set_peft_model_state_dict(self._model, dict(state))
        self._optimizer = self._fresh_optimizer()

    def checkpoint(self, step: int) -> dict[str, Any]:
        """Return what ``resume`` needs."""
        return {"step": step, "weights": self.state(), "optimizer": self._optimizer.state_dict()}

    def resume(self, saved: Mapping[str, Any]) -> int:
        """Resume from a checkpoint; returns its step."""
        self.start(saved["weights"])
        self._optimizer.load_state_dict(saved["optimizer"])
        return int(saved["step"])

    def save(self, folder: Path) -> None:
        """Write the weights that are trained, in peft's layout."""
        self._model.save_pretrained(folder)

    def _fresh_optimizer(self) -> torch.optim.Optimizer:
        trained = (p for p in self._model.parameters() if p.requires_grad)
        return torch.optim.AdamW(trained, weight_decay=0.01)

    def _both_orders(self, questions: Sequence[Question]) -> NDArray[np.float32]:
        with torch.no_grad():
            one = self._logits(questions).softmax(-1).numpy()
            other = self._logits([q.turned for q in questions]).softmax(-1).numpy()
        mean: NDArray[np.float32] = (one + other[:, _TURNED]) / 2
        return mean

    def _logits(self, questions: Sequence[Question]) -> torch.Tensor:
        encoded = self._tokenizer(
            [question.types for question in questions],
            [question.marked for question in questions],
            truncation="longest_first",
            max_length=_TOKENS,
            padding=True,
            return_tensors="pt",
        )
        logits: torch.Tensor = self._model(**encoded).logits
        return logits
