"""What a replay did, in figures."""

import time
from collections import Counter
from dataclasses import dataclass, field

from ner_core.types import StageCounts
from streams.client.replay.comparison import Difference
from streams.client.replay.replay import Outcome


@dataclass
class Report:
    """Counts outcomes; ``lost`` is what retention deleted of the range before it was read."""

    topic: str
    dead_topic: str
    fates: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    counts: StageCounts = field(default_factory=StageCounts)
    differences: list[Difference] = field(default_factory=list)
    lost: int = 0
    _began: float = field(default_factory=time.monotonic)

    def add(self, outcome: Outcome) -> None:
        """Count an outcome."""
        self.fates[outcome.fate] += 1
        if outcome.verdict is not None:
            self.verdicts[outcome.verdict] += 1
        if outcome.reason:
            self.reasons[outcome.reason.partition(":")[0]] += 1
        if outcome.difference is not None:
            self.differences.append(outcome.difference)
        self.counts += outcome.counts

    @property
    def failed(self) -> bool:
        """Whether something of the range was not tagged that should have been."""
        return bool(self.fates["failed"] or self.lost)

    def data(self) -> dict[str, object]:
        """Return the figures, ready for JSON."""
        return {
            "topic": self.topic,
            "documents": self.fates["tagged"],
            "deletions": self.fates["deleted"],
            **{v: self.verdicts[v] for v in ("unchanged", "changed", "new", "other_version")},
            "superseded": self.fates["superseded"],
            "left_out": self.fates["left_out"],
            "failed": self.fates["failed"],
            "reasons": dict(self.reasons),
            "lost_to_retention": self.lost,
            "questions_asked": self.counts.requests - self.counts.cache_hits,
            "questions_answered_from_store": self.counts.cache_hits,
            "seconds": round(time.monotonic() - self._began, 1),
        }

    def rows(self) -> dict[str, str]:
        """Return the figures as lines for people."""
        data, fates = self.data(), self.fates
        why = ", ".join(f"{reason} {number}" for reason, number in self.reasons.most_common())
        rows = {
            "written": f"{fates['tagged']} documents, {fates['deleted']} deletions to {self.topic}",
            "compared": "{unchanged} unchanged, {changed} changed, {new} new, "
            "{other_version} of another version".format(**data),
            "not written": f"{fates['superseded']} superseded, {fates['left_out']} left out",
            "failed": f"{fates['failed']} ({why}), see {self.dead_topic}" if why else "0",
            "questions": "{questions_asked} asked, {questions_answered_from_store} answered "
            "from the store".format(**data),
            "seconds": str(data["seconds"]),
        }
        if self.lost:
            rows["lost"] = f"{self.lost} documents, deleted by the broker before they were read"
        return rows
