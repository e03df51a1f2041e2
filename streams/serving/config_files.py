"""Reads the size of an unpacked model: its config, and the shapes in its weights' headers."""

import json
import math
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ner_core.errors import ConfigurationError
from ner_core.model_config import ModelConfig
from ner_core.validation import problems, reason

_LENGTH = struct.Struct("<Q")
_MAX_HEADER_BYTES = 100_000_000


def read_config(folder: Path, *, generates: bool) -> ModelConfig:
    """Return the size of the model in a folder, in the layout of transformers.

    One that does not generate is an encoder, unless its config is that of a decoder.

    Raises:
        ConfigurationError: a file cannot be read, or does not say it.
    """
    try:
        stated = json.loads((folder / "config.json").read_text("utf-8"))
        if "quantization_config" in stated:
            msg = f"{folder}: its weights are quantized, so their size cannot be calculated"
            raise ConfigurationError(msg)
        is_decoder = generates or _is_decoder(stated)
        values = _values(stated, sum(_sizes(folder)), is_decoder=is_decoder)
        return ModelConfig.model_validate(values)
    except ValidationError as exc:
        msg = f"{folder / 'config.json'}: {problems(exc)}"
        raise ConfigurationError(msg) from exc
    except (OSError, ValueError, TypeError, LookupError, AttributeError, struct.error) as exc:
        msg = f"the size of the model in {folder} cannot be read: {reason(exc, folder)}"
        raise ConfigurationError(msg) from exc


def _is_decoder(stated: dict[str, Any]) -> bool:
    heads = ("ForCausalLM", "LMHeadModel")
    named = any(name.endswith(heads) for name in stated.get("architectures") or ())
    return named or "num_key_value_heads" in stated


def _values(stated: dict[str, Any], parameters: int, *, is_decoder: bool) -> dict[str, Any]:
    heads, hidden = stated.get("num_attention_heads"), stated.get("hidden_size")
    head_dim = stated.get("head_dim") or (hidden // heads if heads and hidden else None)
    kv_heads = stated.get("num_key_value_heads") or heads
    return {
        "parameters": parameters,
        "vocab_size": stated.get("vocab_size"),
        "hidden_size": hidden,
        "tie_word_embeddings": stated.get("tie_word_embeddings", True),
        "num_hidden_layers": stated.get("num_hidden_layers"),
        "num_key_value_heads": kv_heads if is_decoder else 0,
        "head_dim": head_dim,
    }


def _sizes(folder: Path) -> Iterator[int]:
    """Yield the number of weights in each file: those of the index, or else all."""
    index = folder / "model.safetensors.index.json"
    if index.exists():
        names = set(json.loads(index.read_text("utf-8"))["weight_map"].values())
        paths = [folder / name for name in names]
    else:
        paths = list(folder.glob("*.safetensors"))
    for path in paths:
        yield sum(math.prod(tensor["shape"]) for tensor in read_header(path).values())


def read_header(path: Path) -> dict[str, Any]:
    """Return what a file of safetensors says of its tensors, by name.

    ``ValueError`` or ``struct.error`` if it is none.
    """
    with path.open("rb") as file:
        (length,) = _LENGTH.unpack(file.read(_LENGTH.size))
        header: dict[str, Any] = json.loads(file.read(min(length, _MAX_HEADER_BYTES)))
    header.pop("__metadata__", None)
    return header
