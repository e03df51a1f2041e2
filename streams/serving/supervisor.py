"""The engines of this machine: each port held by one process, each engine kept alive."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ner_core.engines.embedder import OpenAIEmbedder
from ner_core.engines.http import HttpClient, opened
from ner_core.engines.probe import Probe
from ner_core.errors import EngineBusyError, EngineError
from streams.host.pidfile import held, holder
from streams.host.ports import require_free_port
from streams.host.service import Liveness, Policy, Report, Service, running
from streams.serving.vllm_command import EngineProcess

POLICY = Policy(
    start_timeout_s=900.0,
    max_first_starts=4,
    poll_s=0.5,
    liveness=Liveness(every_s=10.0, patience_s=180.0),
    end_timeout_s=15.0,
)
"""An engine that answers a canary late lives; so does one that is too busy to answer it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where engines leave traces: folders of their logs and of the locks on their ports."""

    logs: Path
    locks: Path

    def supervisor(self, port: int) -> int | None:
        """Return the process that supervises the engine of a port, ready or not."""
        return holder(self._lock(port))

    def held(self, engine: EngineProcess) -> AbstractContextManager[None]:
        """Hold the port of an engine, from before its start to after its end."""
        refusal = f"engine {engine.name}: process {{pid}} runs engines on port {engine.port}"
        return held(self._lock(engine.port), f"{refusal} already; end it first")

    def _lock(self, port: int) -> Path:
        return self.locks / f"{port}.lock"


@asynccontextmanager
async def running_engines(
    engines: Sequence[EngineProcess],
    place: Place,
    report: Report,
    *,
    one_by_one: bool,
    policy: Policy = POLICY,
) -> AsyncIterator[None]:
    """Keep engines alive while the context is open; it opens when all have answered.

    ``one_by_one``: each is ready before the next is started, because on a GPU engines that
    start together mis-size their memory.

    Raises:
        ConfigurationError: a port is in use, or an engine was never ready.
    """
    async with AsyncExitStack() as stack:
        for engine in engines:
            stack.enter_context(place.held(engine))
            require_free_port(engine.host, engine.port, engine.name, "[serve] port")
        services = [await _service(stack, engine, place, policy) for engine in engines]
        async with running(services, report, one_by_one=one_by_one):
            yield


async def _service(
    stack: AsyncExitStack, engine: EngineProcess, place: Place, policy: Policy
) -> Service:
    patience_s = (policy.liveness or Liveness()).patience_s
    opening = opened(engine.url, timeout_s=patience_s, api_key=engine.api_key)
    client = await stack.enter_async_context(opening)
    return Service(
        f"engine {engine.name}",
        engine.command,
        place.logs / f"{engine.name}.log",
        engine.url,
        answers=partial(_answers, engine, client),
        environment=engine.environment,
        policy=policy,
    )


async def _answers(engine: EngineProcess, client: HttpClient) -> bool:
    """Ask the engine something that no cache holds.

    One that is too busy lives: in one that hangs, callers' time-outs empty the queue.
    """
    try:
        if engine.is_embedder:
            await OpenAIEmbedder(engine.name, "", client).alive()
        else:
            await Probe(client, engine.name, chat=False).alive()
    except EngineBusyError:
        return True
    except EngineError:
        return False
    return True
