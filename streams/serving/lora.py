"""What of a LoRA adapter can become part of a model's weights: scale · B A, and nothing else."""

import json
import re
import struct
from collections.abc import Iterable, Mapping
from typing import Any

from ner_core.ensemble import Adapter
from ner_core.errors import ConfigurationError
from ner_core.validation import reason
from streams.serving.config_files import read_header

_CHANGES_MORE = (
    *("use_dora", "use_qalora", "use_bdlora", "lora_bias", "alora_invocation_tokens"),
    *("rank_pattern", "alpha_pattern", "modules_to_save", "layer_replication", "fan_in_fan_out"),
    *("trainable_token_indices", "target_parameters", "arrow_config"),
)
"""Settings of peft that make more of an adapter than one scale · B A."""
_KEEPS_THE_WEIGHTS = ("gaussian", "eva", "orthogonal", "mica", "lora_ga")
"""Values of ``init_lora_weights`` that leave the model's weights as they are, as vLLM has it."""
_PLAIN = re.compile(r"base_model\.model\..+\.lora_[AB]\.weight")
_CURE = (
    "cannot be served: it is more than a plain LoRA adapter. Merge it yourself with PEFT's "
    "merge_and_unload, and serve the result as a model of its own"
)


def require_plain(name: str, adapter: Adapter) -> None:
    """Check that an adapter has nothing but matrices A and B, all with one rank and one alpha.

    Raises:
        ConfigurationError: it has, or a file cannot be read.
    """
    file = adapter.settings
    try:
        strange = _strange_setting(json.loads(file.read_text("utf-8")))
        if strange is None:
            file = adapter.tensors
            strange = _strange_tensor(read_header(file))
    except (OSError, ValueError, AttributeError, struct.error) as exc:
        msg = f"{name}: adapter: {file}: {reason(exc, file)}"
        raise ConfigurationError(msg) from exc
    if strange is not None:
        msg = f"{name}: adapter: {file}: {strange} {_CURE}"
        raise ConfigurationError(msg)


def _strange_setting(settings: Mapping[str, Any]) -> str | None:
    """Return the first setting that cannot be honored, with its value; ``None`` if all can."""
    for key in _CHANGES_MORE:
        if settings.get(key):
            return f"{key} = {json.dumps(settings[key]):.80}"
    for key, plain in (("peft_type", "LORA"), ("bias", "none")):
        if settings.get(key, plain) != plain:
            return f"{key} = {json.dumps(settings[key])}"
    start = settings.get("init_lora_weights")
    if isinstance(start, str) and start.lower() not in _KEEPS_THE_WEIGHTS:
        return f"init_lora_weights = {json.dumps(start)}"
    return None


def _strange_tensor(names: Iterable[str]) -> str | None:
    strange = (f"the tensor {name}" for name in names if not _PLAIN.fullmatch(name))
    return next(strange, None)
