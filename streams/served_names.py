"""What models are called at their engine: by name, and by a second one that tells the weights.

Answers in another precision, or with another adapter, are other answers: the second name stands in
the revision, and so in every fingerprint.
"""

from collections.abc import Sequence
from itertools import pairwise

from ner_core.ensemble import Adapter, Backbone, EmbedderModel, Serve

Served = Backbone | EmbedderModel


def name_flags(group: Sequence[tuple[str, Serve]], *, on_cpu: bool, dtype: str) -> tuple[str, ...]:
    """Give vLLM's flags for models on one engine: one name each, its adapters as LoRA modules.

    On a processor an adapter is merged into the weights, and the model is served as any other.
    """
    loaded = [] if on_cpu else [(name, serve.adapter) for name, serve in group if serve.adapter]
    plain = [(name, serve) for name, serve in group if on_cpu or serve.adapter is None]
    first, serve = group[0]
    precision = _precision(serve, dtype if on_cpu else "auto")
    names = [n for name, one in plain for n in (name, _second(name, precision, one.adapter))]
    return (
        *("--served-model-name", *(names or [f"{first}/base"])),
        *(_lora_flags(loaded, precision) if loaded else ()),
    )


def _lora_flags(loaded: Sequence[tuple[str, Adapter]], precision: str) -> tuple[str, ...]:
    modules = [
        f"{served}={adapter.folder.resolve()}"
        for name, adapter in loaded
        for served in (name, _second(name, precision, adapter))
    ]
    number = str(len(modules))
    return ("--enable-lora", "--max-loras", number, "--lora-modules", *modules)


def _second(name: str, precision: str, adapter: Adapter | None) -> str:
    return "/".join([name, precision, *([adapter.sha256[:12]] if adapter else [])])


def _precision(serve: Serve, unnamed: str) -> str:
    named = dict(pairwise(serve.flags))
    return named.get("--quantization") or named.get("--dtype") or unnamed
