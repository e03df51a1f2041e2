"""How a model's vLLM server is started: command and environment."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from ner_core.engines.api_key import NO_KEY, api_key_of
from ner_core.engines.cpu_turns import STEP_PROMPTS
from ner_core.ensemble import Adapter, EmbedderModel, Serve
from ner_core.errors import ConfigurationError
from streams.host.cpu import Cpu
from streams.host.processes import printed_by
from streams.host.urls import Address, from_this_machine
from streams.serving.flags import precision_of, without
from streams.serving.model_files import Served, is_merged, place_of

_SERVER = "vllm.entrypoints.openai.api_server"
_EVERYWHERE = (
    "--enable-prompt-tokens-details",
    *("--scheduling-policy", "priority"),
    *("--max-num-queued-reqs", "2000"),
    *("--shutdown-timeout", "10"),
    "--disable-uvicorn-access-log",  # a line per question would fill the disk
)
_ON_CPU = ("--block-size", "32", "--enforce-eager")
_STEP_ON_CPU = ("--max-num-seqs", str(STEP_PROMPTS))  # the others wait in line, by priority
_ANSWER_S = 30.0
"""A Python on a slow disk needs seconds to list its packages."""
_CHANGE_NO_ANSWER = {
    *("--gpu-memory-utilization", "--kv-cache-memory-bytes", "--cpu-offload-gb", "--download-dir"),
    *("--max-num-seqs", "--max-num-batched-tokens", "--max-loras", "--api-key"),
}
_CONTEXT = "--max-model-len"
"""Of a model it changes no answer; an encoder cuts longer texts off."""
_OFFLINE = {"HF_HUB_OFFLINE": "1"}
_ENVIRONMENT = {
    "VLLM_NO_USAGE_STATS": "1",
    "PYTHONDONTWRITEBYTECODE": "",  # some 4,000 modules: compiled once, not at every start
}
_CPU_ENVIRONMENT = {
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    "TORCHDYNAMO_DISABLE": "1",
    "KMP_BLOCKTIME": "0",  # engines share the cores: no busy waiting
}


@dataclass(frozen=True, slots=True)
class Build:
    """The vLLM of an environment: its Python, and whether it is the CPU build."""

    python: Path
    on_cpu: bool


@dataclass(frozen=True, slots=True)
class EngineProcess:
    """What it takes to start one engine and to reach it; ``host`` is what it listens on."""

    name: str
    is_embedder: bool
    host: str
    port: int
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    api_key: str = field(default=NO_KEY, repr=False)

    @property
    def url(self) -> str:
        """Address of the engine for this machine, ending in ``/v1``."""
        return f"http://{Address(from_this_machine(self.host), self.port)}/v1"


@dataclass(frozen=True, slots=True)
class GpuShare:
    """What tells an engine which GPU it has, and how much of it."""

    flags: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


_NO_SHARES: Mapping[int, GpuShare] = {}


async def read_build(python: Path) -> Build:
    """Find out which vLLM an interpreter has.

    Raises:
        ConfigurationError: it does not run, does not answer, or has none.
    """
    code = (
        "from importlib.metadata import distributions as d;"
        "print(*{f'{n}=={x.version}' for x in d()"
        " if (n := x.metadata['Name']) in ('vllm', 'vllm-cpu')})"
    )
    found = await printed_by(python, code, timeout_s=_ANSWER_S)
    if not found:
        msg = f"vllm_python = {python} has no vLLM; make its environment with `make setup`"
        raise ConfigurationError(msg)
    return Build(python, on_cpu="cpu" in found)


@dataclass(frozen=True, slots=True)
class Machine:
    """Where engines run: vLLM, processor, folder of unpacked models, host to listen on."""

    build: Build
    processor: Cpu
    cache_folder: Path
    host: str


def engine_processes(
    models: Sequence[Served], machine: Machine, shares: Mapping[int, GpuShare] = _NO_SHARES
) -> list[EngineProcess]:
    """Return the processes that serve models: one each; on a GPU one for all on the same port.

    ``shares`` are those of the GPUs, by port; an engine without one takes what vLLM takes.

    Raises:
        ConfigurationError: the ensemble file does not say how to serve one, or two merged
            models have one port.
    """
    return [_engine_process(group, machine, shares) for group in by_port(models)]


def by_port(models: Sequence[Served]) -> list[list[Served]]:
    """Return the models in groups that share a port, and so an engine.

    Raises:
        ConfigurationError: the ensemble file does not say how to serve one.
    """
    groups: dict[int, list[Served]] = {}
    for model in models:
        groups.setdefault(serve_of(model).port, []).append(model)
    return list(groups.values())


def serve_of(model: Served) -> Serve:
    """Return how a model is served.

    Raises:
        ConfigurationError: the ensemble file does not say it.
    """
    if model.serve is None or not (model.serve.weights or model.serve.model):
        msg = (
            f"{model.name}: [serve] names neither weights nor model; "
            "name one of them, or give the model a url"
        )
        raise ConfigurationError(msg)
    return model.serve


def _engine_process(
    group: Sequence[Served], machine: Machine, shares: Mapping[int, GpuShare]
) -> EngineProcess:
    """Return the process that serves models which differ only in their adapters."""
    _require_one_base(group, machine)
    first, serve, build = group[0], serve_of(group[0]), machine.build
    share = shares.get(serve.port, GpuShare())
    is_embedder = isinstance(first, EmbedderModel)
    dtype = "float32" if is_embedder else machine.processor.dtype
    source = serve.model
    if serve.weights:
        source = str(place_of(first, serve, machine.cache_folder, merge=build.on_cpu))
    return EngineProcess(
        name=first.name,
        is_embedder=is_embedder,
        host=machine.host,
        port=serve.port,
        command=(
            *(str(build.python), "-m", _SERVER, "--model", str(source)),
            *name_flags(group, on_cpu=build.on_cpu, dtype=dtype),
            *("--host", machine.host, "--port", str(serve.port)),
            *_EVERYWHERE,
            *((*_ON_CPU, "--dtype", dtype) if build.on_cpu else ()),
            *(_STEP_ON_CPU if build.on_cpu and not is_embedder else ()),
            *(("--runner", "pooling") if is_embedder else ()),
            *share.flags,
            *serve.flags,
        ),
        environment={
            **_ENVIRONMENT,
            **(_OFFLINE if serve.weights else {}),
            **(_cpu_environment(machine.processor) if build.on_cpu else {}),
            **share.environment,
            **serve.environment,
        },
        api_key=api_key_of(first),
    )


def _require_one_base(group: Sequence[Served], machine: Machine) -> None:
    """Refuse a port for two models that one engine cannot serve together."""
    bases = {(serve.weights, serve.model) for serve in map(serve_of, group)}
    plain = sum(serve.adapter is None for serve in map(serve_of, group))
    if len(group) > 1 and (len(bases) > 1 or plain > 1 or machine.build.on_cpu):
        names = ", ".join(model.name for model in group)
        msg = (
            f"{names} share port {serve_of(group[0]).port}; only a model and its adapters can, "
            "on a GPU: give each its own"
        )
        raise ConfigurationError(msg)


def _cpu_environment(processor: Cpu) -> dict[str, str]:
    """Name the cores: left alone, all engines would sit on one core."""
    cores = ",".join(str(core) for core in processor.cores)
    return {**_CPU_ENVIRONMENT, "VLLM_CPU_OMP_THREADS_BIND": cores}


def name_flags(group: Sequence[Served], *, on_cpu: bool, dtype: str) -> tuple[str, ...]:
    """Return vLLM's flags for the names of models on one engine, and for their LoRA adapters.

    A model whose adapter is merged into its weights is served as any other.
    """
    precision = precision_of(serve_of(group[0]).flags, dtype if on_cpu else "auto")
    state = "/".join([precision, *_hash_of(group[0])])
    loaded: list[tuple[str, Adapter]] = []
    names: list[str] = []
    for model in group:
        adapter = serve_of(model).adapter
        if adapter is None or is_merged(model, merge=on_cpu):
            names += [model.name, _second(model.name, state, adapter)]
        else:
            loaded.append((model.name, adapter))
    return (
        *("--served-model-name", *(names or [f"{group[0].name}/base"])),
        *(_lora_flags(loaded, state) if loaded else ()),
    )


def _hash_of(model: Served) -> list[str]:
    """Return a hash of what else can change an answer: the model's source, and flags.

    There is none of weights with the usual flags: the name of their folder has one. ``environment``
    is left out: it has secrets, and what differs between machines.
    """
    serve = serve_of(model)
    harmless = _CHANGE_NO_ANSWER | (set() if isinstance(model, EmbedderModel) else {_CONTEXT})
    source = [serve.model] if serve.model and not serve.weights else []
    said = [*source, *without(serve.flags, harmless)]
    return [hashlib.sha256(orjson.dumps(said)).hexdigest()[:12]] if said else []


def _lora_flags(loaded: Sequence[tuple[str, Adapter]], state: str) -> tuple[str, ...]:
    modules = [
        f"{served}={adapter.folder.resolve()}"
        for name, adapter in loaded
        for served in (name, _second(name, state, adapter))
    ]
    number = str(len(modules))
    return ("--enable-lora", "--max-loras", number, "--lora-modules", *modules)


def _second(name: str, state: str, adapter: Adapter | None) -> str:
    """Return the name by which clients know one state of a model from another."""
    return "/".join([name, state, *([adapter.sha256[:12]] if adapter else [])])
