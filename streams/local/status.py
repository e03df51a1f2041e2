"""What runs on this machine, and how it is."""

from dataclasses import dataclass

import httpx2

from ner_core.errors import ConfigurationError
from streams import topics
from streams.local.stack import redis_answers
from streams.serving.supervisor import read_states
from streams.settings import Settings


@dataclass(frozen=True, slots=True)
class Status:
    """Lines for people, and whether all of it is well."""

    rows: dict[str, str]
    well: bool


async def read_status(settings: Settings) -> Status:
    """Ask broker, Redis, engines and worker how they are."""
    rows: dict[str, str] = {}
    well = [
        await _broker(settings, rows),
        await _redis(settings, rows),
        _engines(settings, rows),
        await _worker(settings, rows),
    ]
    return Status(rows, all(well))


async def _broker(settings: Settings, rows: dict[str, str]) -> bool:
    try:
        there = await topics.partitions(settings)
    except ConfigurationError:
        rows["broker"] = f"{settings.bootstrap} does not answer"
        return False
    absent = [name for name in settings.topics if name not in there]
    rows["broker"] = settings.bootstrap + (f", without {', '.join(absent)}" if absent else "")
    return not absent


async def _redis(settings: Settings, rows: dict[str, str]) -> bool:
    if not settings.redis_url:
        rows["redis"] = "none is set"
        return True
    answers = await redis_answers(settings)
    rows["redis"] = settings.redis_url + ("" if answers else " does not answer")
    return answers


def _engines(settings: Settings, rows: dict[str, str]) -> bool:
    states = read_states(settings.engines_file)
    for state in states:
        restarts = f", restarted {state.restarts} times" if state.restarts else ""
        rows[f"engine {state.name}"] = f"{state.state}, {state.url}{restarts}"
    if not states:
        rows["engines"] = "no gpu-worker runs on this machine"
    return bool(states) and all(state.state == "ready" for state in states)


async def _worker(settings: Settings, rows: dict[str, str]) -> bool:
    url = f"http://127.0.0.1:{settings.web_port}/ready"
    try:
        async with httpx2.AsyncClient(trust_env=False, timeout=2.0) as client:
            said = (await client.get(url)).json()
    except (httpx2.HTTPError, ValueError):
        rows["worker"] = f"{url} does not answer"
        return False
    pool = said["pool"]
    rows["worker"] = f"{len(said['partitions'])} partitions, store {said['store']}"
    rows["lag"] = f"{said['lag']} documents"
    rows["pool"] = f"{pool['demonstrations']} demonstrations, version {pool['version']}"
    rows |= {f"warning {n}": text for n, text in enumerate(said["warnings"], start=1)}
    return bool(said["ready"])
