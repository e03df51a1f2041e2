"""The pages of several workers are one page."""

from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from prometheus_client.parser import text_string_to_metric_families

from streams.host.service import Change
from streams.settings import load_settings
from streams.worker.processes import PagesOfAll
from streams.worker.web import serve
from streams.worker_process import worker_service

EXPOSITION = b"""\
# HELP tagwire_documents_total Documents ended, by outcome
# TYPE tagwire_documents_total counter
tagwire_documents_total{outcome="entities"} 3.0
"""


class PagesOfOne:
    """The pages of a worker, with given values."""

    def __init__(  # noqa: PLR0913 # its pages, all named at the call
        self, partitions, *, lag=2, age=8.0, store="ok", live=True, described=()
    ):
        self.page = {"ready": True, "partitions": partitions, "lag": lag, "lag_seconds": age}
        self.page |= {"lost_to_retention": 1}
        self.page |= {"pool": {"version": "v", "demonstrations": 9}, "store": store}
        self.page |= {"warnings": ["slow"]}
        self.is_live, self.described = live, described

    async def live(self):
        return {"live": self.is_live, "in_flight": 4, "seconds_since_progress": 1.5}

    async def ready(self):
        return self.page

    async def metrics(self):
        return EXPOSITION

    async def description(self, fingerprint):
        return {"of": fingerprint} if fingerprint in self.described else None


@asynccontextmanager
async def all_of(*workers, unanswered=0):
    """The pages of all workers; some more have been ready, and do not answer."""
    async with AsyncExitStack() as stack:
        ports = [await stack.enter_async_context(serve(pages, "127.0.0.1", 0)) for pages in workers]
        services = [
            worker_service(load_settings(web_port=port), f"worker-{n}")
            for n, port in enumerate([*ports, *[1] * unanswered], start=1)
        ]
        pages = PagesOfAll(services)
        for service in services:
            pages.take(Change(service, "ready", pid=1, restarts=0))
        yield pages


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # no settings file


async def test_what_all_of_them_read_is_one_page():
    async with all_of(PagesOfOne(["d-0"]), PagesOfOne(["d-1"], age=3.0, store="degraded")) as pages:
        page = await pages.ready()

    assert page == {
        "ready": True,
        "partitions": ["d-0", "d-1"],
        "lag": 4,
        "lag_seconds": 8.0,
        "lost_to_retention": 2,
        "pool": {"version": "v", "demonstrations": 9},
        "store": "degraded",
        "warnings": ["slow"],
        "processes": {"worker-1": "ready", "worker-2": "ready"},
    }


async def test_a_lag_that_one_does_not_know_is_not_known():
    async with all_of(PagesOfOne(["d-0"]), PagesOfOne(["d-1"], lag=None, age=None)) as pages:
        page = await pages.ready()

    assert page["lag"] is None
    assert page["lag_seconds"] is None


async def test_they_are_neither_ready_nor_live_while_one_does_not_answer():
    async with all_of(PagesOfOne(["d-0"]), unanswered=1) as pages:
        assert not (await pages.ready())["ready"]
        assert not (await pages.live())["live"]


async def test_they_are_live_and_not_ready_while_one_starts():
    async with all_of(PagesOfOne(["d-0"]), unanswered=1) as pages:
        service = worker_service(load_settings(), "worker-2")
        pages.take(Change(service, "restarting", pid=1, restarts=0, why="ended with status 70"))

        assert not (await pages.ready())["ready"]
        assert (await pages.live())["live"]


@pytest.mark.parametrize("live", [True, False])
async def test_they_are_live_if_each_of_them_is(live):
    async with all_of(PagesOfOne([]), PagesOfOne([], live=live)) as pages:
        assert await pages.live() == {
            "live": live,
            "in_flight": 8,
            "seconds_since_progress": 1.5,
        }


async def test_every_figure_names_its_worker():
    async with all_of(PagesOfOne([]), PagesOfOne([])) as pages:
        families = text_string_to_metric_families((await pages.metrics()).decode())
        found = {s.labels["worker"]: s.value for f in families for s in f.samples
                 if s.name == "tagwire_documents_total"}  # fmt: skip

    assert found == {"worker-1": 3.0, "worker-2": 3.0}


async def test_a_fingerprint_is_described_by_the_worker_that_sent_it():
    async with all_of(PagesOfOne([]), PagesOfOne([], described=["f"])) as pages:
        assert await pages.description("f") == {"of": "f"}
        assert await pages.description("g") is None
