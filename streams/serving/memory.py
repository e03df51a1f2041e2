"""What an engine takes of a GPU's memory, calculated from the sizes of its models."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ner_core.ensemble import Adapter, Backbone
from ner_core.errors import ConfigurationError
from ner_core.model_config import ModelConfig
from streams.serving.config_files import read_config
from streams.serving.flags import precision_of, tokens_of, value_of
from streams.serving.model_files import Served, check_adapter, is_merged, place_of
from streams.serving.vllm_command import serve_of

GIB = 2**30
OVERHEAD_BYTES = int(2.3 * GIB)
"""CUDA's context, captured graphs and the activations of 8,192 tokens: assumed, not measured."""
ENCODER_OVERHEAD_BYTES = int(1.5 * GIB)
"""The same without graphs of a decoder: assumed, not measured."""

SHARE_FLAG = "--gpu-memory-utilization"
KV_FLAG = "--kv-cache-memory-bytes"
CONTEXT_FLAG = "--max-model-len"
VISIBLE = "CUDA_VISIBLE_DEVICES"
_EMBEDDER_CONTEXT_TOKENS = 2048
"""More than a window of text has."""
_PARALLEL = ("--tensor-parallel-size", "--pipeline-parallel-size", "--data-parallel-size")
_BYTES = {"float32": 4.0, "float": 4.0}
_BYTES_HALF = 2.0
_UNQUANTIZED = {"auto", "bfloat16", "float16", "half", *_BYTES}


@dataclass(frozen=True, slots=True)
class EngineMemory:
    """The memory that one engine needs.

    ``stated_share`` is the share of its GPU that its own flags name; its parts are then unknown,
    and 0 here. An encoder has no KV cache: ``kv_bytes_per_token`` is 0. ``states_context``: its
    flags name its context. ``gpu`` is the id of the GPU that its environment names.
    """

    name: str
    port: int
    precision: str
    parameters: int = 0
    weights_bytes: int = 0
    overhead_bytes: int = 0
    kv_bytes_per_token: int = 0
    context_tokens: int = 0
    stated_share: float | None = None
    states_context: bool = False
    gpu: str | None = None

    def fixed_bytes(self, card_bytes: float) -> float:
        """Return what it takes of a card whatever it is asked."""
        if self.stated_share is not None:
            return self.stated_share * card_bytes
        return self.weights_bytes + self.overhead_bytes


def memory_of(group: Sequence[Served], cache_folder: Path, *, fp8: bool = False) -> EngineMemory:
    """Return the memory of the engine that serves a group of models: one, and its adapters.

    ``fp8``: as if a decoder's weights were quantized to eight bits.

    Raises:
        ConfigurationError: the size of its model is not known, its flags name half a share or
            none that is one, or it spreads over several GPUs.
    """
    first, serve = group[0], serve_of(group[0])
    _require_one_gpu(first)
    precision, gpu = precision_of(serve.flags, "auto"), serve.environment.get(VISIBLE)
    if stated := value_of(serve.flags, SHARE_FLAG):
        share = _share(first.name, stated)
        return EngineMemory(first.name, serve.port, precision, stated_share=share, gpu=gpu)
    if value_of(serve.flags, KV_FLAG):
        msg = f"{first.name}: its flags name {KV_FLAG}; name {SHARE_FLAG} too, or neither"
        raise ConfigurationError(msg)
    config = config_of(first, cache_folder)
    is_decoder = config.num_key_value_heads > 0
    if fp8 and is_decoder:
        precision = "fp8_per_channel"
    return EngineMemory(
        name=first.name,
        port=serve.port,
        precision=precision,
        parameters=config.parameters,
        weights_bytes=_weights_bytes(first.name, config, precision) + _adapter_bytes(group),
        overhead_bytes=OVERHEAD_BYTES if is_decoder else ENCODER_OVERHEAD_BYTES,
        kv_bytes_per_token=_kv_value_bytes(serve.flags) * config.kv_values_per_token,
        context_tokens=_context_tokens(group),
        states_context=bool(value_of(serve.flags, CONTEXT_FLAG)),
        gpu=gpu,
    )


def config_of(model: Served, cache_folder: Path) -> ModelConfig:
    """Return the size of a model: what the ensemble file states, or what its files say.

    Raises:
        ConfigurationError: neither is there; the message says the cure.
    """
    serve = serve_of(model)
    if serve.config:
        return serve.config
    folder = Path(serve.model or "")
    if serve.weights:
        folder = place_of(model, serve, cache_folder, merge=False)
    if not (folder / "config.json").exists():
        cure = "run `tagwire models prepare`, or state" if serve.weights else "state"
        msg = (
            f"{model.name}: the size of its model is not known; {cure} [serve.config] "
            f"(docs/how-to/new-models.md), or name {SHARE_FLAG} in its flags"
        )
        raise ConfigurationError(msg)
    return read_config(folder, generates=isinstance(model, Backbone))


def _require_one_gpu(model: Served) -> None:
    for flag in _PARALLEL:
        if (size := value_of(serve_of(model).flags, flag, "1")) != "1":
            msg = (
                f"{model.name}: {flag} {size} spreads it over several GPUs, but each of several "
                "engines gets one; start its server yourself, and name its url"
            )
            raise ConfigurationError(msg)


def _share(name: str, stated: str) -> float:
    try:
        share = float(stated)
    except ValueError:
        share = math.nan
    if not 0 < share <= 1:
        msg = (
            f"{name}: {SHARE_FLAG} {stated} is not a share of a GPU; name one over 0 and at most 1"
        )
        raise ConfigurationError(msg)
    return share


def _kv_value_bytes(flags: Sequence[str]) -> int:
    """Return the bytes of a value in the KV cache, which has the model's type if none is named."""
    cached = value_of(flags, "--kv-cache-dtype", "auto")
    if cached == "auto":
        cached = value_of(flags, "--dtype", "auto")
    return 1 if cached.startswith("fp8") else int(_BYTES.get(cached, _BYTES_HALF))


def _weights_bytes(name: str, config: ModelConfig, precision: str) -> int:
    if precision.startswith("fp8"):
        tables = config.embedding_parameters
        return config.parameters - tables + int(tables * _BYTES_HALF)
    if precision not in _UNQUANTIZED:
        msg = f"{name}: no size is known of {precision} weights; name {SHARE_FLAG} in its flags"
        raise ConfigurationError(msg)
    return int(config.parameters * _BYTES.get(precision, _BYTES_HALF))


def _adapter_bytes(group: Sequence[Served]) -> int:
    """Return the bytes of the adapters that are not merged, each loaded under its two names."""
    beside = [model for model in group if not is_merged(model, merge=False)]
    adapters = [(model.name, serve_of(model).adapter) for model in beside]
    return sum(_checked(name, adapter) for name, adapter in adapters if adapter) * 2


def _checked(name: str, adapter: Adapter) -> int:
    check_adapter(name, adapter)
    return adapter.tensors.stat().st_size


def _context_tokens(group: Sequence[Served]) -> int:
    """Return the tokens that vLLM must be able to hold: its own flag's, or else those needed."""
    stated = tokens_of(value_of(serve_of(group[0]).flags, CONTEXT_FLAG))
    return stated or max(
        model.context_tokens if isinstance(model, Backbone) else _EMBEDDER_CONTEXT_TOKENS
        for model in group
    )
