"""Unpack a model into a folder that vLLM reads. Run by the Python that has vLLM.

    python unpack.py MODEL FOLDER [--add-bos] [--adapter FOLDER]

MODEL is a GGUF file, or a folder, which is copied. Weights of GGUF are dequantized with the package
``gguf``, tensor by tensor, and written in bfloat16; configuration and tokenizer come out of the
file's own metadata through ``transformers``. A LoRA adapter in peft's layout is merged: on a
processor that is over twice as fast as serving it apart, and vLLM takes none beside an encoder.
Prints ``done TENSORS of TENSORS`` on the way.
"""

import argparse
import functools
import json
import math
import re
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoTokenizer

Config = Any
"""A configuration of transformers, which has no types."""
Array = np.ndarray[Any, np.dtype[np.float32]]

_COMMON = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
NAMES = {
    "llama": _COMMON | {"ffn_norm": "post_attention_layernorm"},
    "gemma3": _COMMON
    | {
        "attn_q_norm": "self_attn.q_norm",
        "attn_k_norm": "self_attn.k_norm",
        "post_attention_norm": "post_attention_layernorm",
        "ffn_norm": "pre_feedforward_layernorm",
        "post_ffw_norm": "post_feedforward_layernorm",
    },
}
_TOP = {"token_embd": "embed_tokens", "output_norm": "norm"}
_LORA, _B = (
    re.compile(r"base_model\.model\.(.+)\.lora_A\.weight"),
    r"base_model.model.\1.lora_B.weight",
)
_LAYER = re.compile(r"blk\.(\d+)\.(\w+)\.weight")


def name_of(tensor: str, architecture: str) -> str:
    """Return the Hugging Face name of a tensor; ``KeyError`` if it is unknown."""
    if found := _LAYER.fullmatch(tensor):
        return f"model.layers.{found[1]}.{NAMES[architecture][found[2]]}.weight"
    return f"model.{_TOP[tensor.removesuffix('.weight')]}.weight"


def value_of(name: str, value: Array, architecture: str, config: Config) -> Array:
    """Undo what the converter to GGUF changed in a tensor."""
    if architecture == "gemma3" and name.endswith("norm.weight"):
        return value - 1  # GGUF keeps 1 + weight
    if architecture == "llama" and name.endswith("q_proj.weight"):
        return _unpermuted(value, config.num_attention_heads)
    if architecture == "llama" and name.endswith("k_proj.weight"):
        return _unpermuted(value, config.num_key_value_heads)
    return value


def _unpermuted(value: Array, heads: int) -> Array:
    """Put the halves of every head apart again, as rotary positions in transformers want them."""
    half = value.shape[0] // heads // 2
    grouped = value.reshape(heads, half, 2, *value.shape[1:])
    return grouped.swapaxes(1, 2).reshape(value.shape)


def tensors(
    reader: gguf.GGUFReader,
    architecture: str,
    config: Config,
    changes: Mapping[str, torch.Tensor],
    report: Callable[[int, int], None],
) -> Iterator[tuple[str, torch.Tensor]]:
    """Yield the tensors of the model in bfloat16, with their new names and changes."""
    total = len(reader.tensors)
    for number, tensor in enumerate(reader.tensors, start=1):
        name = name_of(tensor.name, architecture)
        plain = gguf.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        value = value_of(name, plain, architecture, config)
        whole = torch.from_numpy(np.ascontiguousarray(value))
        if name in changes:
            # The adapter was trained on what is unpacked without it: on rounded weights.
            whole = whole.to(torch.bfloat16).float() + changes[name]
        yield name, whole.to(torch.bfloat16)
        report(number, total)


def changes_of(adapter: Path | None) -> dict[str, torch.Tensor]:
    """Return what an adapter adds to weights, by their names; nothing without one.

    LoRA (Hu et al. 2021): alpha / rank · B A; rank-stabilized, the root of the rank (Kalajdzievski
    2023).
    """
    if adapter is None:
        return {}
    config = json.loads((adapter / "adapter_config.json").read_text("utf-8"))
    rank = math.sqrt(config["r"]) if config.get("use_rslora") else config["r"]
    scale = config["lora_alpha"] / rank
    parts = load_file(adapter / "adapter_model.safetensors")
    return {
        _LORA.sub(r"\1.weight", name): scale * (parts[_LORA.sub(_B, name)].float() @ first.float())
        for name, first in parts.items()
        if name.endswith("lora_A.weight")
    }


def add_bos(folder: Path, token: str) -> None:
    """Make the tokenizer begin every text with a token, as the model was trained."""
    path = folder / "tokenizer.json"
    tokenizer = json.loads(path.read_text("utf-8"))
    number = next(t["id"] for t in tokenizer["added_tokens"] if t["content"] == token)
    first = {"SpecialToken": {"id": token, "type_id": 0}}
    texts = [{"Sequence": {"id": name, "type_id": i}} for i, name in enumerate("AB")]
    tokenizer["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [first, texts[0]],
        "pair": [first, *texts],
        "special_tokens": {token: {"id": token, "ids": [number], "tokens": [token]}},
    }
    path.write_text(json.dumps(tokenizer, ensure_ascii=False), "utf-8")


def merge(source: Path, folder: Path, adapter: Path | None) -> None:
    """Copy a model's folder, its weights with what an adapter adds, in their own precision."""
    changes = changes_of(adapter)
    shutil.copytree(source, folder)
    path = folder / "model.safetensors"
    weights = load_file(path)
    _require_known(changes, weights)
    for number, (name, change) in enumerate(changes.items(), start=1):
        weights[name] = (weights[name].float() + change).to(weights[name].dtype)
        _report(number, len(changes))
    save_file(weights, path, metadata={"format": "pt"})


def unpack(source: Path, folder: Path, adapter: Path | None, *, bos: bool) -> None:
    """Write the folder of a GGUF file: weights, configuration, tokenizer."""
    changes = changes_of(adapter)
    # transformers reads the same file again for every question; 14 s each for Gemma's vocabulary.
    gguf.GGUFReader = functools.cache(gguf.GGUFReader)
    reader = gguf.GGUFReader(str(source))
    architecture = str(reader.fields["general.architecture"].contents())
    config = AutoConfig.from_pretrained(source.parent, gguf_file=source.name)
    config.dtype = torch.bfloat16
    folder.mkdir(parents=True)
    weights = dict(tensors(reader, architecture, config, changes, _report))
    _require_known(changes, weights)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    config.architectures = [_ARCHITECTURES[architecture]]
    config.save_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name)
    tokenizer.save_pretrained(folder)
    if bos:
        add_bos(folder, tokenizer.bos_token)


_ARCHITECTURES = {"llama": "LlamaForCausalLM", "gemma3": "Gemma3ForCausalLM"}


def _require_known(changes: Collection[str], weights: Collection[str]) -> None:
    if strange := set(changes) - set(weights):
        msg = f"the adapter changes {min(strange)}, which the model does not have"
        raise KeyError(msg)


def _report(number: int, total: int) -> None:
    print(f"done {number} of {total}", flush=True)  # noqa: T201 - read by the caller


def main() -> None:
    """Unpack what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--add-bos", action="store_true")
    parser.add_argument("--adapter", type=Path)
    options = parser.parse_args()
    if options.source.is_dir():
        merge(options.source, options.folder, options.adapter)
    else:
        unpack(options.source, options.folder, options.adapter, bos=options.add_bos)


if __name__ == "__main__":
    main()
