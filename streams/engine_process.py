"""How a model's vLLM server is started: command and environment."""

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from ner_core.ensemble import Backbone, EmbedderModel
from ner_core.errors import ConfigurationError
from streams.processes import printed_by
from streams.processor import Processor
from streams.weights import place_of

_SERVER = "vllm.entrypoints.openai.api_server"
_EVERYWHERE = (
    "--enable-prompt-tokens-details",
    *("--scheduling-policy", "priority"),
    *("--max-num-queued-reqs", "2000"),
    *("--shutdown-timeout", "10"),
    "--disable-uvicorn-access-log",  # a line per question would fill the disk
)
_ON_CPU = ("--block-size", "32", "--enforce-eager")
_OFFLINE = {"HF_HUB_OFFLINE": "1"}
_ENVIRONMENT = {"VLLM_NO_USAGE_STATS": "1"}
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
    """What it takes to start one engine and to reach it."""

    name: str
    is_embedder: bool
    host: str
    port: int
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Address of the engine, ending in ``/v1``."""
        return f"http://{self.host}:{self.port}/v1"


async def read_build(python: Path) -> Build:
    """Find out which vLLM an interpreter has.

    Raises:
        ConfigurationError: it does not run, or has none.
    """
    code = (
        "from importlib.metadata import distributions as d;"
        "print(*{f'{n}=={x.version}' for x in d()"
        " if (n := x.metadata['Name']) in ('vllm', 'vllm-cpu')})"
    )
    found = await printed_by(python, code)
    if not found:
        msg = f"vllm_python = {python} has no vLLM; make its environment with `make setup`"
        raise ConfigurationError(msg)
    return Build(python, on_cpu="cpu" in found)


def engine_process(
    model: Backbone | EmbedderModel,
    *,
    build: Build,
    processor: Processor,
    cache_folder: Path,
    host: str,
) -> EngineProcess:
    """Give the process that serves a model.

    It is served under a second name too, which tells its precision: answers in another
    precision are other answers.

    Raises:
        ConfigurationError: the ensemble file does not say how to serve it.
    """
    serve = model.serve
    source = serve.model if serve else None
    if serve and serve.weights:
        source = str(place_of(model.name, serve.weights, cache_folder))
    if serve is None or source is None:
        msg = f"{model.name}: [serve] names neither weights nor model; nothing to start"
        raise ConfigurationError(msg)
    is_embedder = isinstance(model, EmbedderModel)
    dtype = "float32" if is_embedder else processor.dtype
    names = (model.name, f"{model.name}/{_precision(build, dtype, serve.flags)}")
    return EngineProcess(
        name=model.name,
        is_embedder=is_embedder,
        host=host,
        port=serve.port,
        command=(
            *(str(build.python), "-m", _SERVER, "--model", source),
            *("--served-model-name", *names),
            *("--host", host, "--port", str(serve.port)),
            *_EVERYWHERE,
            *((*_ON_CPU, "--dtype", dtype) if build.on_cpu else ()),
            *(("--runner", "pooling") if is_embedder else ()),
            *serve.flags,
        ),
        environment={
            **_ENVIRONMENT,
            **(_OFFLINE if serve.weights else {}),
            **(_cpu_environment(processor) if build.on_cpu else {}),
            **serve.environment,
        },
    )


def _precision(build: Build, dtype: str, flags: tuple[str, ...]) -> str:
    named = dict(pairwise(flags))
    unnamed = dtype if build.on_cpu else "auto"
    return named.get("--quantization") or named.get("--dtype") or unnamed


def _cpu_environment(processor: Processor) -> dict[str, str]:
    """Name the cores: left alone, all engines would sit on one core."""
    cores = ",".join(str(core) for core in processor.cores)
    return {**_CPU_ENVIRONMENT, "VLLM_CPU_OMP_THREADS_BIND": cores}
