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
        self._series: dict[tuple[str, str], dict[str, Counter]] = {}
        """By stage and model: by field of ``StageCounts``."""

    def count(self, counts: Mapping[tuple[str, str], StageCounts]) -> None:
        """Add what one document took; ``counts`` is by stage and model."""
        for labels, done in counts.items():
            if labels not in self._series:
                self._series[labels] = self._series_of(labels)
            for field, counter in self._series[labels].items():
                if number := getattr(done, field):
                    counter.inc(number)

    def _series_of(self, labels: tuple[str, str]) -> dict[str, Counter]:
        """Return the counters of a stage and model; each of them shows 0 from now on."""
        return {
            field: self._counters[name].labels(*labels, *([value] if value else []))
            for field, (name, value) in SERIES.items()
        }


def _labels(name: str) -> list[str]:
    return ["stage", "model", *([LABEL[name]] if name in LABEL else [])]
