"""Models whose answers are nearly all unusable: their server keeps no schema, or reasons."""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from ner_core.types import StageCounts

JUDGED_AFTER = 50
WINDOW = 1000
"""Both figures of a stage and model are halved at so many answers."""
NEARLY_ALL = 0.9

log = structlog.get_logger()


@dataclass(slots=True)
class _Tally:
    answers: int = 0
    abstained: int = 0
    warned: bool = False

    @property
    def nearly_all(self) -> bool:
        return self.answers >= JUDGED_AFTER and self.abstained >= NEARLY_ALL * self.answers


class Abstentions:
    """Counts the last answers of each stage and model, and how many could not be used."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, str], _Tally] = {}

    def count(self, counts: Mapping[tuple[str, str], StageCounts]) -> None:
        """Add the counts of one document; log when nearly all answers have become unusable."""
        for key, done in counts.items():
            tally = self._tallies.setdefault(key, _Tally())
            tally.answers += done.requests
            tally.abstained += done.abstained
            if tally.answers >= WINDOW:
                tally.answers //= 2
                tally.abstained //= 2
            if tally.nearly_all and not tally.warned:
                log.warning("nearly all answers are unusable", warning=_warning(key, tally))
            tally.warned = tally.nearly_all

    @property
    def warnings(self) -> list[str]:
        """One line for each stage and model whose answers are nearly all unusable."""
        return [_warning(key, tally) for key, tally in self._tallies.items() if tally.nearly_all]


def _warning(key: tuple[str, str], tally: _Tally) -> str:
    stage, model = key
    figures = f"{tally.abstained} of the last {tally.answers} answers are unusable"
    return f"{model}, stage {stage}: {figures}; does its server keep schemas, or does it reason?"
