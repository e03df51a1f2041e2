"""Train a LoRA adapter on labelled sentences.

    make train DATA=FOLDER [STEPS=600] [SEED=0]

Goes on where an earlier run with the same output was cut off. Writes the adapter in peft's layout,
a log and its curves.
"""

import argparse
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

from ner_core.types import Demonstration
from training.checkpoints import Checkpoints
from training.curves import draw
from training.sequences import Sequences
from training.sources import read_sources
from training.tokens import LENGTH, Batch, batches

_RANK, _ALPHA, _FIRST_LAYER = 16, 32, 4
_LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
_LEARNING_RATE, _WARM_UP = 6e-4, 0.05
_SEQUENCES, _HELD_OUT = 4, 4
_TOLD_EVERY, _SAVED_EVERY = 10, 50
_HELD_OUT_SHARE = 50
"""Every fiftieth sentence of a source is held out."""
_CONTROL_TOKENS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, from where, and to where."""

    model: Path
    data: Path
    output: Path
    steps: int
    seed: int


def train(plan: Plan) -> None:
    """Train until ``steps`` are done.

    Raises:
        CorpusError: a labelled file is not there, or cannot be read.
    """
    torch.manual_seed(plan.seed)
    tokenizer = AutoTokenizer.from_pretrained(plan.model)
    model = _with_adapter(plan.model)
    optimizer = torch.optim.AdamW(
        (p for p in model.parameters() if p.requires_grad), weight_decay=0
    )
    checkpoints = Checkpoints(plan.output)
    first = checkpoints.load(model, optimizer)
    shown, held_out = _parted(read_sources(plan.data))
    stream = batches(
        Sequences(shown, _CONTROL_TOKENS, plan.seed + 1000 * first), tokenizer, _SEQUENCES
    )
    judged = batches(Sequences(held_out, _CONTROL_TOKENS, 0), tokenizer, _SEQUENCES)
    judges = [next(judged) for _ in range(_HELD_OUT)]
    began = time.monotonic()
    for step in range(first, plan.steps):
        loss = _step(model, optimizer, next(stream), _rate(step, plan.steps))
        if (step + 1) % _TOLD_EVERY == 0:
            _tell(checkpoints, step + 1, plan.steps, loss, began, first)
        if (step + 1) % _SAVED_EVERY == 0 or step + 1 == plan.steps:
            checkpoints.save(step + 1, model, optimizer)
            checkpoints.log(tokens=_tokens(step + 1), held_out=_judged(model, judges))
            draw(plan.output / "curves.png", checkpoints.read_log())


def _with_adapter(path: Path) -> Any:  # noqa: ANN401 - peft is not typed
    model = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32)
    layers = list(range(_FIRST_LAYER, model.config.num_hidden_layers))
    config = LoraConfig(
        r=_RANK,
        lora_alpha=_ALPHA,
        target_modules=_LINEAR,
        layers_to_transform=layers,
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, config)


def _parted(
    sources: Mapping[str, Sequence[Demonstration]],
) -> tuple[dict[str, Sequence[Demonstration]], dict[str, Sequence[Demonstration]]]:
    """Give what is trained on, and what only judges."""
    held_out = {name: group[::_HELD_OUT_SHARE] for name, group in sources.items()}
    shown = {
        name: [s for i, s in enumerate(group) if i % _HELD_OUT_SHARE]
        for name, group in sources.items()
    }
    return shown, {
        name: group for name, group in held_out.items() if any(s.entities for s in group)
    }


def _step(model: Any, optimizer: torch.optim.Optimizer, batch: Batch, rate: float) -> float:  # noqa: ANN401
    model.train()
    for group in optimizer.param_groups:
        group["lr"] = rate
    loss = _loss(model, batch)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
    return float(loss.detach())


def _loss(model: Any, batch: Batch) -> torch.Tensor:  # noqa: ANN401
    """Give the weighted mean loss over the tokens of answers; only their logits are computed."""
    states = model.get_base_model().model(input_ids=batch.ids).last_hidden_state
    wanted = batch.weights[:, 1:] > 0
    logits = model.get_base_model().lm_head(states[:, :-1][wanted])
    losses = torch.nn.functional.cross_entropy(logits, batch.ids[:, 1:][wanted], reduction="none")
    weights = batch.weights[:, 1:][wanted]
    return (losses * weights).sum() / weights.sum()


def _judged(model: Any, judges: Sequence[Batch]) -> float:  # noqa: ANN401
    model.eval()
    with torch.no_grad():
        return sum(float(_loss(model, batch)) for batch in judges) / len(judges)


def _rate(step: int, steps: int) -> float:
    """Give the learning rate: a short rise, then a cosine to a tenth."""
    if step < _WARM_UP * steps:
        return _LEARNING_RATE * (step + 1) / (_WARM_UP * steps)
    return _LEARNING_RATE * (0.55 + 0.45 * math.cos(math.pi * step / steps))


def _tokens(step: int) -> int:
    return step * _SEQUENCES * LENGTH


def _tell(
    checkpoints: Checkpoints, step: int, steps: int, loss: float, began: float, first: int
) -> None:
    seconds = time.monotonic() - began
    speed = _tokens(step - first) / seconds
    left_min = seconds / (step - first) * (steps - step) / 60
    checkpoints.log(tokens=_tokens(step), loss=loss, tokens_per_s=round(speed))
    print(f"step {step} of {steps}  loss {loss:.3f}  {speed:.0f} tokens/s  {left_min:.0f} min left")


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="unpacked model folder")
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled files")
    parser.add_argument("--output", type=Path, default=Path("training/runs/first"))
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--seed", type=int, default=0)
    train(Plan(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
