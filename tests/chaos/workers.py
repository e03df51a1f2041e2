"""The workers of a run: processes that are started again when they end, as an init would."""

import asyncio
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from support.processes import Process

from chaos.history import History
from streams.host.ports import free_port

RESTART_AFTER_S = 1.0
WATCH_EVERY_S = 0.1
FOR_EVER_S = 86_400


@dataclass
class Worker:
    """One worker; ``wanted`` says whether it is started again when it ends.

    ``told`` is the signal that it was sent, if it was told to end; ``lived`` says whether the
    process of now has answered.
    """

    name: str
    process: Process
    web_port: int
    wanted: bool = True
    told: str | None = None
    lived: bool = False

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        child = self.process.child
        return child is not None and child.poll() is None


@dataclass
class Workers:
    """All workers; ``module`` is what Python runs, ``environment`` the settings."""

    module: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    history: History
    web: httpx2.AsyncClient
    members: list[Worker] = field(default_factory=list)
    watches: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def add(self, log: Path | None = None, **environment: str) -> Worker:
        """Start one more worker, with a log, settings or variables of its own."""
        name, port = f"worker-{len(self.members) + 1}", free_port()
        process = Process(
            [sys.executable, "-m", *self.module],
            log or self.folder / f"{name}.log",
            {**self.environment, "TAGWIRE_WEB_PORT": str(port), **environment},
        )
        worker = Worker(name, process, port)
        self.members.append(worker)
        self.watches[name] = asyncio.create_task(self._watch(worker))
        return worker

    async def _watch(self, worker: Worker) -> None:
        while worker.wanted:
            worker.told, worker.lived = None, False
            worker.process.start()
            self.history.add("worker", worker=worker.name, what="started")
            await self.gone(worker, FOR_EVER_S)
            status = worker.process.child.returncode
            self.history.add(
                "worker", worker=worker.name, what="exited", status=status, told=worker.told,
                lived=worker.lived,
            )  # fmt: skip
            await asyncio.sleep(RESTART_AFTER_S)

    def tell(self, worker: Worker, number: signal.Signals) -> None:
        """Send a signal that ends the worker."""
        if worker.running:
            worker.told = number.name
            worker.process.signal(number)

    async def end(self, worker: Worker, timeout_s: float) -> None:
        """Tell a worker to end; a worker that does not is noted as hung and killed."""
        self.tell(worker, signal.SIGTERM)
        if not await self.gone(worker, timeout_s):
            self.history.add("hung", worker=worker.name, timeout_s=timeout_s)
            self.tell(worker, signal.SIGKILL)
            await self.gone(worker, timeout_s)

    async def gone(self, worker: Worker, timeout_s: float) -> bool:
        """Wait until the process of now has ended; returns whether it did."""
        child = worker.process.child
        for _ in range(round(timeout_s / WATCH_EVERY_S)):
            if child is None or child.poll() is not None:
                return True
            await asyncio.sleep(WATCH_EVERY_S)
        return False

    async def end_all(self, timeout_s: float) -> None:
        """Tell every worker to end and start none again."""
        for worker in self.members:
            worker.wanted = False
        await asyncio.gather(*(self.end(worker, timeout_s) for worker in self.members))
        await asyncio.gather(*self.watches.values())

    async def page(self, worker: Worker, path: str) -> httpx2.Response | None:
        """Returns a page of a worker's web server, or nothing if it does not answer."""
        if not worker.running:
            return None
        try:
            page = await self.web.get(f"http://127.0.0.1:{worker.web_port}{path}", timeout=1.0)
        except httpx2.HTTPError:
            return None
        worker.lived = True
        return page

    async def reads(self, worker: Worker, within_s: float) -> bool:
        """Wait until a worker has partitions; returns whether it has."""
        for _ in range(round(within_s / WATCH_EVERY_S)):
            page = await self.page(worker, "/ready")
            if page is not None and page.json()["partitions"]:
                return True
            await asyncio.sleep(WATCH_EVERY_S)
        return False

    async def in_flight(self) -> dict[str, int]:
        """Returns the documents in flight of each worker that answers."""
        pages = await asyncio.gather(*(self.page(worker, "/live") for worker in self.members))
        return {
            worker.name: page.json().get("in_flight", 0)
            for worker, page in zip(self.members, pages, strict=True)
            if page is not None
        }
