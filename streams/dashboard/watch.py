"""Asks worker and engines how they are, as long as somebody looks."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping

import httpx2
from pydantic import BaseModel

from ner_core.concurrency import all_of
from ner_core.engines import metrics_url, url_of
from ner_core.ensemble import load_ensemble
from ner_core.errors import TagwireError
from streams.dashboard.feed import Feed
from streams.dashboard.figures import LastMinute, counts_of
from streams.dashboard.state import State
from streams.host.exposition import metrics_of
from streams.host.urls import Address, from_this_machine, without_password
from streams.local.engines import is_served, supervisor
from streams.serving.model_files import Served
from streams.settings import Settings
from streams.wire.codec import Json, load_json
from streams.worker_process import Ready, page_of_worker

WORKER_S = 2.0
ENGINES_S = 5.0
_TIMEOUT_S = 3.0
_QUEUES = re.compile(
    r"^vllm:num_requests_(running|waiting)(?:\{[^\n]*\})? (\d{1,9}(?:\.\d+)?)(?=\s|$)", re.MULTILINE
)


class _Supervised(BaseModel):
    """The states of engines on the ``/ready`` of a gpu-worker."""

    engines: dict[str, str]


class Watch:
    """Puts worker, figures and engines into the state."""

    def __init__(self, settings: Settings, feed: Feed, state: State) -> None:
        self._settings = settings
        self._feed = feed
        self._state = state
        self._models = load_ensemble(settings.ensemble).models
        self._minute = LastMinute()

    async def worker(self) -> None:
        """Ask the worker every two seconds, until cancelled."""
        await self._every(WORKER_S, self._ask_worker)

    async def engines(self) -> None:
        """Ask the engines every five seconds, until cancelled."""
        await self._every(ENGINES_S, self._ask_engines)

    async def _every(
        self, wait_s: float, ask: Callable[[httpx2.AsyncClient], Awaitable[None]]
    ) -> None:
        async with httpx2.AsyncClient(trust_env=False, timeout=_TIMEOUT_S) as client:
            while True:
                if self._feed.readers:
                    await ask(client)
                await asyncio.sleep(wait_s if self._feed.readers else 0.1)

    async def _ask_worker(self, client: httpx2.AsyncClient) -> None:
        url = page_of_worker(self._settings, "ready")
        try:
            ready = Ready.model_validate(load_json((await client.get(url)).text))
            metrics = (await client.get(page_of_worker(self._settings, "metrics"))).text
            self._minute.add(counts_of(metrics, time.monotonic()))
        except (httpx2.HTTPError, ValueError):
            self._state.put("worker", {"answers": False, "url": without_password(url)})
            self._state.put("figures", None)
            return
        self._state.put("worker", {"answers": True, **ready.model_dump()})
        self._state.put("figures", self._minute.figures())

    async def _ask_engines(self, client: httpx2.AsyncClient) -> None:
        supervised = await self._supervised(client)
        engines = await all_of(self._engine(client, m, supervised) for m in self._models)
        self._state.put("engines", engines)

    async def _supervised(self, client: httpx2.AsyncClient) -> Mapping[str, str]:
        """Return the states that a gpu-worker of this machine knows, by the model's name."""
        settings = self._settings
        place = Address(from_this_machine(settings.web_host), settings.engines_web_port)
        try:
            page = load_json((await client.get(f"http://{place}/ready")).text)
            return _Supervised.model_validate(page).engines
        except (httpx2.HTTPError, ValueError):
            return {}

    async def _engine(
        self, client: httpx2.AsyncClient, model: Served, supervised: Mapping[str, str]
    ) -> Json:
        url = url_of(model, self._settings.engine_host)
        page = await metrics_of(client, metrics_url(url), _TIMEOUT_S)
        state, why = await self._state_of(model)
        if state != "ready":
            state = supervised.get(model.name, state)
        queues = {kind: float(number) for kind, number in _QUEUES.findall(page)}
        shown = {"name": model.name, "url": without_password(url), "state": state, "why": why}
        return {**shown, **queues}

    async def _state_of(self, model: Served) -> tuple[str, str]:
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                if await is_served(model, self._settings):
                    return "ready", ""
            return ("starting", "") if supervisor(model, self._settings) else ("away", "")
        except TagwireError as exc:
            return "failed", str(exc)
        except TimeoutError:
            return "silent", f"no answer within {_TIMEOUT_S:.0f} s"
