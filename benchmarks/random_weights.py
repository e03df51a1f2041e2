"""Is it the models that do it? The same engines, with weights as if never trained.

    .venv-vllm/bin/python benchmarks/random_weights.py FROM TO

Copies a cache of unpacked models (``~/.cache/tagwire``) and replaces the weights of its language
models: matrices are drawn from a normal distribution of deviation 0.02, norms are neutral. The
encoder stays. Then ``TAGWIRE_CACHE_FOLDER=TO tagwire gpu-worker``, and ``quality.py`` with an empty
Redis, because a model is known by the hash of its package.
"""

import argparse
import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

DEVIATION = 0.02


def drawn(tensor: torch.Tensor, neutral: float, chance: torch.Generator) -> torch.Tensor:
    """Return a tensor of the same shape and precision, as before training."""
    if tensor.dim() == 1:
        return torch.full_like(tensor, neutral)
    values = torch.empty(tensor.shape).normal_(0.0, DEVIATION, generator=chance)
    return values.to(tensor.dtype)


def forget(folder: Path) -> None:
    """Replace the weights of one unpacked model."""
    kind = json.loads((folder / "config.json").read_text("utf-8"))["model_type"]
    if kind == "bert":
        return
    neutral = 0.0 if kind.startswith("gemma") else 1.0  # Gemma's norms add 1
    chance = torch.Generator().manual_seed(0)
    path = folder / "model.safetensors"
    weights = {name: drawn(t, neutral, chance) for name, t in load_file(path).items()}
    save_file(weights, path, metadata={"format": "pt"})
    print(f"{folder.name}: {len(weights)} tensors drawn")


def main() -> None:
    """Copy the cache and forget."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    options = parser.parse_args()
    shutil.copytree(options.source / "models", options.target / "models")
    for config in sorted((options.target / "models").glob("*/config.json")):
        forget(config.parent)


if __name__ == "__main__":
    main()
