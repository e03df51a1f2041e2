"""The demo: the sample feed, sent through a stack of its own, and the outcome."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import orjson

from ner_core.errors import ConfigurationError
from streams.client.files import Line, read_lines
from streams.client.send import send
from streams.client.tail import arrivals
from streams.host.lifetimes import background, unless_stopped
from streams.host.ports import free_port
from streams.local.demo_page import address_of_page
from streams.local.demo_report import summarise
from streams.local.stack import running_stack
from streams.settings import Settings, load_settings
from streams.shipped import shipped
from streams.terminal import Progress, highlighted, listed
from streams.wire.entities import EntitiesRecord
from streams.worker_process import page_of_worker

FEED = shipped(Path("examples/feed.jsonl"))
GOLD = shipped(Path("examples/gold.jsonl"))

_POLL_S = 0.5


@dataclass
class Outcome:
    """Records by document, in order of arrival, latencies and dead letters."""

    records: dict[str, EntitiesRecord] = field(default_factory=dict)
    repeats: int = 0
    dead: list[str] = field(default_factory=list)
    latencies_s: list[float] = field(default_factory=list)
    seconds: float = 0.0
    metrics: str = ""

    @property
    def done(self) -> int:
        """Documents that have ended."""
        return len(self.records) + len(self.dead)


def demo_settings() -> Settings:
    """Return settings of a stack of its own, beside whatever else runs on this machine."""
    return load_settings(
        bootstrap=f"127.0.0.1:{free_port()}",
        redis_url=f"redis://127.0.0.1:{free_port()}/0",
        web_port=free_port(),
        dashboard_port=0,  # none is started
    )


async def run_demo(progress: Progress, documents: int, stop: asyncio.Event) -> bool:
    """Run the demo on the first documents of the feed, until ``stop`` is set.

    Returns:
        Whether all documents came out as they should; false if it was stopped.

    Raises:
        ConfigurationError: something is missing or does not start.
    """
    return await unless_stopped(stop, _run_demo(progress, documents)) or False


async def _run_demo(progress: Progress, documents: int) -> bool:
    lines = [entry for entry in read_lines(str(FEED)) if isinstance(entry, Line)][:documents]
    settings = demo_settings()
    async with running_stack(settings, progress):
        outcome = await tag_feed(settings, progress, lines)
        outcome.metrics = await _metrics(settings)
    good = summarise(progress, outcome, lines, read_gold(GOLD))
    progress.log("page", address_of_page(outcome.records, lines, settings.cache_folder))
    return good


def read_gold(path: Path) -> dict[str, set[tuple[str, int, int, str]]]:
    """Return the gold entities by document: (field, start, end, type)."""
    gold = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    return {
        one["id"]: {(e["field"], e["start"], e["end"], e["type"]) for e in one["entities"]}
        for one in gold
    }


async def tag_feed(settings: Settings, progress: Progress, lines: Sequence[Line]) -> Outcome:
    """Send the documents and wait until each has ended; show the entities as they arrive."""
    outcome, texts = Outcome(), {line.id: orjson.loads(line.value) for line in lines}
    progress.log("feed", f"{len(lines)} documents into the topic {settings.documents_topic}")
    began = time.monotonic()
    async with background() as start:
        start(_read_entities(settings, progress, texts, outcome))
        start(_read_dead(settings, outcome))
        async for _ in send(settings, lines):
            progress.update("documents tagged", outcome.done, len(lines))
        while outcome.done < len(lines):
            progress.update("documents tagged", outcome.done, len(lines))
            await asyncio.sleep(_POLL_S)
    progress.finish("documents tagged")
    outcome.seconds = time.monotonic() - began
    return outcome


async def _read_entities(
    settings: Settings, progress: Progress, texts: dict[str, dict[str, str]], outcome: Outcome
) -> None:
    topic = settings.entities_topic
    async for arrival in arrivals(settings, topic, from_beginning=True):
        record = arrival.record
        if record is None:
            continue
        outcome.repeats += record.document_id in outcome.records
        outcome.records[record.document_id] = record
        outcome.latencies_s.append(time.time() - record.origin.timestamp_ms / 1000)
        _show(progress, texts[record.document_id], record, outcome.latencies_s[-1])


async def _read_dead(settings: Settings, outcome: Outcome) -> None:
    async for arrival in arrivals(settings, settings.dead_topic, from_beginning=True):
        outcome.dead.append(arrival.id)


def _show(
    progress: Progress, document: dict[str, str], record: EntitiesRecord, latency_s: float
) -> None:
    progress.log(record.document_id, f"{len(record.entities)} entities after {latency_s:.0f} s")
    progress.show(highlighted(document.get("title", ""), record.entities, "title"))
    progress.show(highlighted(document["text"], record.entities, "text"))
    progress.show(listed(record))
    progress.show("")


async def _metrics(settings: Settings) -> str:
    try:
        async with httpx2.AsyncClient(trust_env=False, timeout=5.0) as client:
            return (await client.get(page_of_worker(settings, "metrics"))).text
    except httpx2.HTTPError as exc:
        msg = f"the worker's metrics cannot be read: {exc!r}"
        raise ConfigurationError(msg) from exc
