"""`tagwire worker --processes N`: several workers of one group, kept alive, behind one page."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import httpx2
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from ner_core.concurrency import all_of
from streams.host.exposition import merged, metrics_of
from streams.host.lifetimes import forever, unless_stopped
from streams.host.ports import free_port
from streams.host.processes import tail
from streams.host.service import Change, Service, State, running
from streams.host.urls import Address
from streams.settings import Settings
from streams.wire.codec import Json
from streams.worker import web
from streams.worker_process import worker_service

_TIMEOUT_S = 5.0

Page = dict[str, Any]

log = structlog.get_logger()


async def run(settings: Settings, processes: int, stop: asyncio.Event) -> None:
    """Run workers until ``stop`` is set; then all of them drain at once.

    Each is a consumer of its own. One that ends by itself is started again; its partitions are
    with the others meanwhile.

    Raises:
        ConfigurationError: one was never ready, or the page cannot be served.
    """
    await unless_stopped(stop, _run(settings, processes))


async def _run(settings: Settings, processes: int) -> None:
    services = [_service(settings, number) for number in range(1, processes + 1)]
    pages = PagesOfAll(services)
    async with web.serve(pages, settings.web_host, settings.web_port) as port:
        log.info("web", url=f"http://{Address(settings.web_host, port)}")
        async with running(services, pages.take):
            await forever()


def _service(settings: Settings, number: int) -> Service:
    """Return a worker whose page only this process reads."""
    own = {"web_host": "127.0.0.1", "web_port": free_port()}
    return worker_service(settings.model_copy(update=own), f"worker-{number}")


class PagesOfAll:
    """The pages of several workers as those of one; ``take`` is called with each change of one."""

    def __init__(self, services: Sequence[Service]) -> None:
        self._urls = {s.name: s.address.removesuffix("/ready") for s in services}
        self._states: dict[str, State | None] = dict.fromkeys(self._urls)
        self._registry = registry = CollectorRegistry()
        self._ready = Gauge("tagwire_worker_ready", "1 if ready", ["worker"], registry=registry)
        self._restarts = Counter(
            "tagwire_worker_restarts", "Starts after the first", ["worker"], registry=registry
        )
        for name in self._urls:
            self._ready.labels(name).set(0)
            self._restarts.labels(name)

    def take(self, change: Change) -> None:
        """Log a change of a worker and remember it."""
        name = change.service.name
        self._states[name] = change.state
        self._ready.labels(name).set(change.state == "ready")
        self._restarts.labels(name).inc(change.state == "restarting")
        if change.state == "restarting":
            ending = tail(change.service.log, 1)
            log.error("worker restarts", worker=name, why=change.why, log_ends_with=ending)
        else:
            path = str(change.service.log)
            log.info("worker", state=change.state, worker=name, pid=change.pid, log=path)

    async def live(self) -> Json:
        """``/live``: whether every worker that was ready answers, and says that it is live."""
        pages = await self._read("live", self._were_ready())
        known = [page for page in pages if page is not None]
        return {
            "live": all(page is not None and page["live"] for page in pages),
            "in_flight": sum(page["in_flight"] for page in known),
            "seconds_since_progress": min(
                (page["seconds_since_progress"] for page in known), default=0.0
            ),
        }

    async def ready(self) -> Json:
        """``/ready``: the page of a worker for all of them together, and their states."""
        pages = [page for page in await self._read("ready", self._urls) if page is not None]
        lags = [page["lag"] for page in pages]
        ages = [page["lag_seconds"] for page in pages]
        pools = [page["pool"] for page in pages]
        return {
            "ready": len(pages) == len(self._urls) and all(page["ready"] for page in pages),
            "partitions": sorted(name for page in pages for name in page["partitions"]),
            "lag": None if None in lags else sum(lags),
            "lag_seconds": None if None in ages else max(ages, default=None),
            "lost_to_retention": sum(page["lost_to_retention"] for page in pages),
            "pool": pools[0] if pools else {"version": "", "demonstrations": 0},
            "store": "ok" if all(page["store"] == "ok" for page in pages) else "degraded",
            "warnings": list(dict.fromkeys(text for page in pages for text in page["warnings"])),
            "processes": {name: state or "waiting" for name, state in self._states.items()},
        }

    async def metrics(self) -> bytes:
        """``/metrics``: the figures of all workers, each with the label ``worker``."""
        names = self._were_ready()
        async with _client() as client:
            pages = await all_of(
                metrics_of(client, f"{self._urls[name]}/metrics", _TIMEOUT_S) for name in names
            )
        page = merged(dict(zip(names, pages, strict=True)), "worker")
        return generate_latest(self._registry) + page.encode()

    async def description(self, fingerprint: str) -> Json | None:
        """``/fingerprints/<hash>``: what is behind a fingerprint of any of them."""
        pages = await self._read(f"fingerprints/{fingerprint}", self._were_ready())
        known = (page for page in pages if page is not None and "error" not in page)
        return next(known, None)

    def _were_ready(self) -> list[str]:
        return [name for name, state in self._states.items() if state == "ready"]

    async def _read(self, page: str, names: Iterable[str]) -> list[Page | None]:
        """Return a page of some workers, ``None`` of those that do not answer."""
        async with _client() as client:
            return await all_of(_json_of(client, f"{self._urls[name]}/{page}") for name in names)


def _client() -> httpx2.AsyncClient:
    return httpx2.AsyncClient(trust_env=False, timeout=_TIMEOUT_S)


async def _json_of(client: httpx2.AsyncClient, url: str) -> Page | None:
    try:
        page: Page = (await client.get(url)).json()
    except (httpx2.HTTPError, ValueError):
        return None
    return page
