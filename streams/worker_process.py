"""A worker as a child process: of `tagwire up`, or one of several."""

import math
import sys
from functools import partial
from typing import Any

import httpx2
from pydantic import BaseModel, SecretStr

from streams.host.service import Policy, Service
from streams.host.urls import Address, from_this_machine
from streams.settings import PREFIX, Settings, load_settings

_BEYOND_DRAIN_S = 10.0


class PoolOfWorker(BaseModel):
    """The demonstrations of a worker."""

    version: str
    demonstrations: int


class Ready(BaseModel):
    """What the tools read of a worker's ``/ready``; another server has something else there."""

    ready: bool
    partitions: list[str]
    lag: int | None
    lag_seconds: float | None = None
    lost_to_retention: int
    pool: PoolOfWorker
    store: str
    warnings: list[str]


def worker_service(settings: Settings, name: str = "worker") -> Service:
    """Return a worker with these settings; it is ready when it reads its partitions.

    It may take as long as it wants to start: its pool may be large, its engines slow.
    """
    url = page_of_worker(settings, "ready")
    return Service(
        name,
        [sys.executable, "-P", "-m", "streams.cli", "worker"],
        settings.logs / f"{name}.log",
        url,
        answers=partial(answers_ok, url),
        environment=overrides(settings),
        policy=Policy(
            start_timeout_s=math.inf,
            max_first_starts=4,
            backoff_s=(1.0,),
            end_timeout_s=settings.drain_timeout_s + _BEYOND_DRAIN_S,
        ),
    )


def page_of_worker(settings: Settings, page: str) -> str:
    """Return the URL of a page of this machine's worker."""
    address = Address(from_this_machine(settings.web_host), settings.web_port)
    return f"http://{address}/{page}"


def overrides(settings: Settings) -> dict[str, str]:
    """Return variables for what a child would read differently by itself, secrets included."""
    read_by_child = load_settings()
    return {
        PREFIX + name.upper(): _text(value)
        for name in Settings.model_fields
        if (value := getattr(settings, name)) != getattr(read_by_child, name)
    }


def _text(value: Any) -> str:  # noqa: ANN401 - whatever a setting holds
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return "" if value is None else str(value)


async def answers_ok(url: str) -> bool:
    """Return whether a page of a process of ours answers with 200."""
    try:
        async with httpx2.AsyncClient(trust_env=False, timeout=2.0) as client:
            return (await client.get(url)).status_code == httpx2.codes.OK
    except httpx2.HTTPError:
        return False
