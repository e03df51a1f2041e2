"""The encoder of stage 1 with LoRA on it: mentions of one type come near each other."""

from collections.abc import Sequence
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModel, AutoTokenizer

from ner_core.types import NONE
from training.mentions import Batch

_RANK, _ALPHA, _TOKENS = 32, 64, 96
_LINEAR = ["query", "key", "value", "dense"]
_TEMPERATURE = 0.07
_WEIGHT_OF_NONE = 0.6
_NEVER = -1e4
"""A similarity that counts for nothing."""


class ContextEncoder:
    """The encoder with LoRA on all linear layers, and its optimizer."""

    def __init__(self, path: Path, *, rate: float) -> None:
        self._tokenizer = AutoTokenizer.from_pretrained(path)
        model = AutoModel.from_pretrained(path, add_pooling_layer=False)
        config = LoraConfig(r=_RANK, lora_alpha=_ALPHA, target_modules=_LINEAR)
        self._model = get_peft_model(model, config)
        self._model.train()
        self._trained = [p for p in self._model.parameters() if p.requires_grad]
        self._rate = rate
        self._optimizer = torch.optim.AdamW(self._trained, lr=rate, weight_decay=0.01)

    def learn(self, batch: Batch, share_of_rate: float) -> tuple[float, float]:
        """Take one step; returns the loss on types before it, and how far plain texts moved.

        The second is 1 minus the mean cosine with the vectors of the encoder as published.
        """
        for group in self._optimizer.param_groups:
            group["lr"] = self._rate * share_of_rate
        loss = _loss_on_types(self._vectors(batch.mentions), batch)
        moved = self._moved(batch.plain)
        (loss + moved).backward()
        torch.nn.utils.clip_grad_norm_(self._trained, 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad()
        return float(loss.detach()), float(moved.detach())

    def save(self, folder: Path) -> None:
        """Write what was trained, in peft's layout and in bfloat16."""
        self._model.to(torch.bfloat16).save_pretrained(folder)

    def _moved(self, texts: Sequence[str]) -> torch.Tensor:
        if not texts:
            return torch.zeros(())
        with torch.no_grad(), self._model.disable_adapter():
            before = self._vectors(texts)
        return (1 - (self._vectors(texts) * before).sum(1)).mean()

    def _vectors(self, texts: Sequence[str]) -> torch.Tensor:
        """Return unit vectors: the means over tokens, as vLLM computes them."""
        read = self._tokenizer(
            list(texts), truncation=True, max_length=_TOKENS, padding=True, return_tensors="pt"
        )
        hidden: torch.Tensor = self._model(**read).last_hidden_state
        mask = read["attention_mask"].unsqueeze(2)
        return torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=1)


def _loss_on_types(vectors: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Return the mean of -log P(type), where all mentions of other sentences vote.

    Each weighs exp(cosine / 0.07): neighborhood components analysis (Goldberger et al. 2004).
    """
    kinds = {kind: number for number, kind in enumerate(dict.fromkeys(batch.types))}
    types = torch.tensor([kinds[kind] for kind in batch.types])
    sentences = torch.tensor(batch.sentences)
    others = sentences[:, None] != sentences[None, :]
    same = others & (types[:, None] == types[None, :])
    near = vectors @ vectors.T / _TEMPERATURE
    logarithm = torch.logsumexp(near.masked_fill(~same, _NEVER), 1) - torch.logsumexp(
        near.masked_fill(~others, _NEVER), 1
    )
    none = torch.tensor([kind == NONE for kind in batch.types])
    weights = torch.where(none, _WEIGHT_OF_NONE, 1.0) * same.any(1)
    return -(logarithm * weights).sum() / weights.sum().clamp(min=1)
