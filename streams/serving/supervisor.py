"""The engines of this machine: each port held by one process, each engine kept alive."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from streams.host.liveness import Liveness
from streams.host.pidfile import held, holder
from streams.host.ports import require_free_port
from streams.host.service import Policy, Report, Service, running
from streams.serving.canary import canary_of
from streams.serving.vllm_command import EngineProcess

POLICY = Policy(
    start_timeout_s=900.0,
    max_first_starts=4,
    max_restarts=8,
    steady_s=10.0,
    max_short_lives=30,
    poll_s=0.5,
    liveness=Liveness(every_s=5.0, patience_s=20.0),
    end_timeout_s=15.0,
)
"""An engine hangs if a canary is late while vLLM computes no step.

Two canaries that were answered make a life steady. A document that kills its engine does so three
times before it is dead: 30 short lives leave room for ten of them in a row.
"""

ON_CPU = Liveness(every_s=10.0, patience_s=180.0)
"""On a slow processor one step can take longer than a GPU may stand still."""

POLICY_ON_CPU = replace(POLICY, steady_s=20.0, liveness=ON_CPU)


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
    timeout_s = (policy.liveness or ON_CPU).patience_s
    canary = await stack.enter_async_context(canary_of(engine, timeout_s))
    return Service(
        f"engine {engine.name}",
        engine.command,
        place.logs / f"{engine.name}.log",
        engine.url,
        answers=canary.answers,
        environment=engine.environment,
        policy=policy,
        progress=canary.iterations,
    )
