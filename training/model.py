"""A model with a LoRA adapter on it, and the loss on what it has to write."""

from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from training.place import Place
from training.tokens import Batch

_RANK, _ALPHA = 16, 32
_LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def with_adapter(path: Path, place: Place, start: Path | None = None) -> Any:  # noqa: ANN401 - peft is not typed
    """Return the model, with an adapter of its precision on all linear layers.

    The adapter is a fresh one, or that of the folder ``start``. Plain attention is faster on a
    processor than the fused one, by a sixth.
    """
    attention = "eager" if place.device == "cpu" else "sdpa"
    model = AutoModelForCausalLM.from_pretrained(
        path, dtype=place.dtype, attn_implementation=attention
    )
    model.name_or_path = path.name  # stands in the adapter's files: the base and its hash
    config = LoraConfig(
        r=_RANK,
        lora_alpha=_ALPHA,
        target_modules=_LINEAR,
        task_type="CAUSAL_LM",
    )
    adapted = get_peft_model(model, config, autocast_adapter_dtype=False).to(place.device)
    if start:
        set_peft_model_state_dict(adapted, load_file(start / "adapter_model.safetensors"))
    return adapted


def loss_on(model: Any, batch: Batch, place: Place) -> torch.Tensor:  # noqa: ANN401
    """Return the weighted mean loss over the tokens to write; only their logits are computed."""
    base, ids, weights = model.get_base_model(), batch.ids.to(place.device), batch.weights[:, 1:]
    weights = weights.to(place.device)
    wanted = weights > 0
    states = base.model(input_ids=ids).last_hidden_state
    logits = base.lm_head(states[:, :-1][wanted])
    losses = torch.nn.functional.cross_entropy(logits.float(), ids[:, 1:][wanted], reduction="none")
    return (losses * weights[wanted]).sum() / weights[wanted].sum()
