"""What the stages of documents took and found, for Prometheus."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter

from ner_core.types import StageCounts
from streams.host.stage_series import HELP, LABEL, SERIES


class StageFigures:
    """Counters by stage and model."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._counters = {
            name: Counter(name, text, _labels(name), registry=registry)
            for name, text in HELP.items()
        }

    def count(self, counts: Mapping[tuple[str, str], StageCounts]) -> None:
        """Add what one document took; ``counts`` is by stage and model."""
        for labels, done in counts.items():
            for field, (name, value) in SERIES.items():
                more = labels if value is None else (*labels, value)
                self._counters[name].labels(*more).inc(getattr(done, field))


def _labels(name: str) -> list[str]:
    return ["stage", "model", *([LABEL[name]] if name in LABEL else [])]
