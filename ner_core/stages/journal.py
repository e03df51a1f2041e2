"""What happened to one document on its way: counts and notices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ner_core.ports import Answer
from ner_core.types import Notice, StageCounts

MAX_NOTICES = 100
"""Distinct notices that a record lists."""


@dataclass(slots=True)
class Journal:
    """Counts and notices of one document, written by the stages."""

    _notices: dict[Notice, None] = field(default_factory=dict)
    _counts: dict[tuple[str, str], StageCounts] = field(default_factory=dict)

    def count(self, stage: str, model: str, more: StageCounts) -> None:
        """Add to the counts of a stage and model."""
        self._counts[stage, model] = self._counts.get((stage, model), StageCounts()) + more

    def answered(self, stage: str, model: str, answers: Sequence[Answer]) -> None:
        """Count what the answers cost."""
        if not answers:
            return
        cost = StageCounts(
            requests=len(answers),
            cache_hits=sum(a.stored for a in answers),
            prompt_tokens=sum(a.prompt_tokens for a in answers),
            cached_tokens=sum(a.cached_tokens for a in answers),
            completion_tokens=sum(a.completion_tokens for a in answers),
        )
        self.count(stage, model, cost)

    def grounded(self, stage: str, model: str, found: Mapping[str, int]) -> None:
        """Count listed surfaces by how they were found in the text."""
        if found:
            self.count(stage, model, StageCounts(**found))

    def abstained(self, stage: str, model: str, sentence: int) -> None:
        """Count and note a backbone without a usable answer for a sentence."""
        self.count(stage, model, StageCounts(abstained=1))
        self.notice(Notice("abstained", model, sentence, stage))

    def notice(self, notice: Notice) -> None:
        """Note something once for readers of the record."""
        self._notices[notice] = None

    @property
    def notices(self) -> list[Notice]:
        """Distinct notices in order; of more than 100, the first 100 and the number omitted."""
        notices = list(self._notices)
        omitted = len(notices) - MAX_NOTICES
        if omitted <= 0:
            return notices
        return [*notices[:MAX_NOTICES], Notice("warnings_omitted", detail=f"{omitted} more")]

    @property
    def counts(self) -> Mapping[tuple[str, str], StageCounts]:
        """Counts by (stage, model)."""
        return dict(self._counts)
