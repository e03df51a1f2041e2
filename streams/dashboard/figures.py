"""What a worker has done in the last minute, from the counters of its metrics."""

import math
from collections import Counter, defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

from streams.host.stage_series import HELP, field_of
from streams.wire.codec import Json

WINDOW_S = 60.0
_PERCENTILE = 0.95
_KINDS = ("requests", "cache_hits", "prompt_tokens", "cached_tokens", "completion_tokens")
_COUNTERS = frozenset(
    {
        "tagwire_documents_total",
        *(f"{name}_total" for name in HELP),
        "tagwire_store_lookups_total",
        "tagwire_document_seconds_bucket",
        "tagwire_document_seconds_sum",
    }
)


@dataclass(slots=True)
class Counts:
    """The counters of a worker at a time, or the sums of several workers on one page."""

    at_s: float
    documents: Counter[str] = field(default_factory=Counter)
    stages: Counter[str] = field(default_factory=Counter)
    store: Counter[str] = field(default_factory=Counter)
    buckets: Counter[float] = field(default_factory=Counter)
    seconds: float = 0.0
    in_flight: float = 0.0
    by_worker: dict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))

    @property
    def ended(self) -> int:
        """Documents that have ended."""
        return self.documents.total()

    @property
    def workers(self) -> set[str]:
        """Names of the workers; that of a single one is empty."""
        return {worker for worker, _ in self.by_worker}

    def continues(self, before: "Counts") -> bool:
        """Return whether the same workers have counted on since; no counter has fallen."""
        return self.workers == before.workers and all(
            self.by_worker[key] >= number for key, number in before.by_worker.items()
        )


def counts_of(exposition: str, at_s: float) -> Counts:
    """Return the counters in a page of metrics.

    Raises:
        ValueError: it is not in Prometheus' text format, or not the page of a worker.
    """
    counts = Counts(at_s)
    for family in text_string_to_metric_families(exposition):
        for sample in family.samples:
            try:
                _take(counts, sample.name, sample.labels, sample.value)
            except KeyError as exc:
                msg = f"{sample.name} has no label {exc}"
                raise ValueError(msg) from exc
    return counts


def _take(counts: Counts, name: str, labels: Mapping[str, str], value: float) -> None:
    if name.startswith("tagwire_") and not math.isfinite(value):
        msg = f"{name} is {value}"
        raise ValueError(msg)
    if name in _COUNTERS:
        counts.by_worker[labels.get("worker", ""), name] += value
    match name:
        case "tagwire_documents_total":
            counts.documents[labels["outcome"]] += int(value)
        case "tagwire_store_lookups_total":
            counts.store[labels["result"]] += int(value)
        case "tagwire_document_seconds_bucket":
            counts.buckets[float(labels["le"])] += int(value)
        case "tagwire_document_seconds_sum":
            counts.seconds += value
        case "tagwire_documents_in_flight":
            counts.in_flight += value
        case _ if (field := field_of(name, labels)) is not None:
            counts.stages[field] += int(value)


class LastMinute:
    """Keeps the counters of the last minute.

    They begin again when a worker was restarted, appears on the page or is gone from it.
    """

    def __init__(self) -> None:
        self._counts: deque[Counts] = deque()

    def add(self, counts: Counts) -> None:
        """Take the newest counters in."""
        if self._counts and not counts.continues(self._counts[-1]):
            self._counts.clear()
        self._counts.append(counts)
        while counts.at_s - self._counts[0].at_s > WINDOW_S:
            self._counts.popleft()

    def figures(self) -> Json:
        """Return rates and shares of the last minute, totals since the worker started.

        What cannot be computed yet is ``None``.
        """
        first, last = self._counts[0], self._counts[-1]
        span_s = last.at_s - first.at_s
        stages, store = last.stages - first.stages, last.store - first.store
        used = stages["prompt_tokens"] + stages["completion_tokens"]
        return {
            "ended": last.ended,
            "outcomes": dict(last.documents),
            "in_flight": last.in_flight,
            "documents_per_s": _share(last.ended - first.ended, span_s),
            "mean_s": _share(last.seconds - first.seconds, _timed(last) - _timed(first)),
            "p95_s": _percentile(last.buckets - first.buckets),
            "cache_hits": _share(stages["cache_hits"], stages["requests"]),
            "store_hits": _share(store["hit"], store.total()),
            "tokens_per_s": _share(used, span_s),
            "cached_tokens": _share(stages["cached_tokens"], stages["prompt_tokens"]),
            "totals": {kind: last.stages[kind] for kind in _KINDS},
        }


def _timed(counts: Counts) -> float:
    return counts.buckets[float("inf")]


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _percentile(buckets: Mapping[float, float]) -> float | None:
    """Return the bound of the bucket below which 95% are; ``None`` if it is the open one."""
    number = buckets.get(float("inf"), 0.0)
    reached = (bound for bound in sorted(buckets) if buckets[bound] >= _PERCENTILE * number)
    bound = next(reached, float("inf")) if number else float("inf")
    return None if bound == float("inf") else bound
