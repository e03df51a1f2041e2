"""What the web page of a worker shows, from before its engines answer to its end."""

import time

from streams.wire.codec import Json
from streams.worker.faust_app import assigned
from streams.worker.lag import seconds_of_all
from streams.worker.parts import Parts


class Pages:
    """The pages of a worker; ``parts`` is ``None`` until the worker has started.

    A worker is ready when it has joined its group, with or without partitions of its own: a
    spare one is ready too. It is live as long as Faust has not crashed.
    """

    def __init__(self) -> None:
        self.parts: Parts | None = None
        self.ending = False

    async def live(self) -> Json:
        """``/live``: whether to leave the process alone."""
        if self.parts is None:
            return {"live": True, "in_flight": 0, "seconds_since_progress": 0.0}
        since = time.monotonic() - self.parts.metrics.last_progress
        return {
            "live": not self.parts.app.crashed,
            "in_flight": self.parts.delivery.in_flight,
            "seconds_since_progress": round(since, 1),
        }

    async def ready(self) -> Json:
        """``/ready``: whether documents are read, and what an operator should know."""
        if self.parts is None:
            return _starting()
        partitions = sorted(f"{topic}-{number}" for topic, number in assigned(self.parts.app))
        pool = self.parts.live.pipeline.pool
        lag = await self.parts.lag.read()
        return {
            "ready": not self.ending,
            "partitions": partitions,
            "lag": None if lag is None else sum(behind.records for behind in lag.values()),
            "lag_seconds": None if lag is None else seconds_of_all(lag),
            "lost_to_retention": self.parts.retention.lost,
            "pool": {"version": pool.version, "demonstrations": len(pool)},
            "store": "degraded" if self.parts.live.degraded() else "ok",
            "warnings": [*self.parts.feed.warnings, *self.parts.metrics.abstentions.warnings],
        }

    async def metrics(self) -> bytes:
        """``/metrics``: all figures in Prometheus' text format; none before the start."""
        if self.parts is None:
            return b""
        self.parts.metrics.show_lag(await self.parts.lag.read() or {})
        return self.parts.metrics.exposition()

    async def description(self, fingerprint: str) -> Json | None:
        """``/fingerprints/<hash>``: what is behind a fingerprint of this worker."""
        return None if self.parts is None else self.parts.fingerprints.description(fingerprint)


def _starting() -> Json:
    return {
        "ready": False,
        "partitions": [],
        "lag": 0,
        "lag_seconds": None,
        "lost_to_retention": 0,
        "pool": {"version": "", "demonstrations": 0},
        "store": "ok",
        "warnings": ["starting: waiting for broker, engines and group; see the log"],
    }
