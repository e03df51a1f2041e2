"""What runs, and how it is."""

import asyncio
from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass

import httpx2
from pydantic import ValidationError

from ner_core.concurrency import all_of
from ner_core.engines import url_of
from ner_core.ensemble import load_ensemble
from ner_core.errors import ConfigurationError, TagwireError
from streams import topics
from streams.client.dead_letters import letters
from streams.host.urls import without_password
from streams.local.engines import is_served, supervisor
from streams.local.redis_server import redis_answers
from streams.serving.model_files import Served
from streams.settings import Settings
from streams.terminal import clean
from streams.worker_process import Ready, page_of_worker

_DEAD_TIMEOUT_S = 10.0
_SHOWN = 80
"""So many characters are shown of what another server says."""


@dataclass(frozen=True, slots=True)
class Status:
    """Lines for people, and whether all of it is well."""

    rows: dict[str, str]
    well: bool


async def read_status(settings: Settings) -> Status:
    """Ask broker, Redis, engines and worker how they are, and count the dead letters.

    Raises:
        ConfigurationError: the ensemble file cannot be used.
    """
    models = load_ensemble(settings.ensemble).models
    parts = [_broker(settings), _redis(settings)]
    parts += [_engine(model, settings) for model in models]
    answers = await all_of([*parts, _worker(settings), _dead_letters(settings)])
    rows = {name: text for answer in answers for name, text in answer.rows.items()}
    return Status(rows, all(answer.well for answer in answers))


async def _broker(settings: Settings) -> Status:
    try:
        there = await topics.partitions(settings)
    except TagwireError:
        return Status({"broker": f"{settings.bootstrap} does not answer"}, well=False)
    absent = [name for name in settings.topics if name not in there]
    missing = f", without {', '.join(absent)}" if absent else ""
    return Status({"broker": settings.bootstrap + missing}, well=not absent)


async def _redis(settings: Settings) -> Status:
    if not settings.redis_url:
        return Status({"redis": "none is set"}, well=True)
    url = without_password(settings.redis_url)
    try:
        answers = await redis_answers(settings)
    except ConfigurationError as exc:
        return Status({"redis": str(exc)}, well=False)
    return Status({"redis": url if answers else f"{url} does not answer"}, well=answers)


async def _engine(model: Served, settings: Settings) -> Status:
    name = f"engine {model.name}"
    url = without_password(url_of(model, settings.engine_host))
    try:
        if await is_served(model, settings):
            return Status({name: f"ready, {url}"}, well=True)
        pid = supervisor(model, settings)
    except TagwireError as exc:
        return Status({name: str(exc)}, well=False)
    why = f"process {pid} is starting it" if pid else "does not answer"
    return Status({name: f"{url}, {why}"}, well=False)


async def _worker(settings: Settings) -> Status:
    url = page_of_worker(settings, "ready")
    try:
        async with httpx2.AsyncClient(trust_env=False, timeout=2.0) as client:
            reply = await client.get(url)
    except httpx2.HTTPError:
        return Status({"worker": f"{url} does not answer"}, well=False)
    try:
        return _of(Ready.model_validate_json(reply.content))
    except ValidationError:
        said = f"status {reply.status_code}, {reply.text[:_SHOWN]!r}"
        text = f"{url} is no page of a worker: {said}; end that server, or set TAGWIRE_WEB_PORT"
        return Status({"worker": text}, well=False)


def _of(page: Ready) -> Status:
    rows = {
        "worker": f"{len(page.partitions)} partitions, store {page.store}",
        "lag": _lag(page.lag, page.lag_seconds),
        "pool": f"{page.pool.demonstrations} demonstrations, version {page.pool.version}",
    }
    if lost := page.lost_to_retention:
        rows["lost"] = f"{lost} documents, deleted by the broker before they were read"
    rows |= {f"warning {n}": text for n, text in enumerate(page.warnings, start=1)}
    return Status(rows, well=page.ready and not lost)


def _lag(records: int | None, seconds: float | None) -> str:
    if records is None:
        return "unknown"
    age = f", the oldest from {seconds:.0f} s ago" if records and seconds is not None else ""
    return f"{records} documents{age}"


async def _dead_letters(settings: Settings) -> Status:
    """Count them by reason; they stay on the topic until its retention deletes them."""
    reasons: Counter[str] = Counter()
    at_least = ""
    try:
        async with asyncio.timeout(_DEAD_TIMEOUT_S), aclosing(letters(settings)) as all_:
            async for letter in all_:
                reasons[clean(letter.reason)] += 1
    except TimeoutError:
        at_least = "at least "
    except TagwireError as exc:
        return Status({"dead letters": str(exc)}, well=False)
    counts = ", ".join(f"{reason} {number}" for reason, number in reasons.most_common())
    total = f"{at_least}{reasons.total()}"
    return Status({"dead letters": f"{total} ({counts})" if counts else total}, well=True)
