"""What happened to one document on its way: counts, notices, and the explanation."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

from ner_core.ports import Answer
from ner_core.types import Notice, StageCounts


@dataclass(slots=True)
class Journal:
    """Filled by the stages while a document is tagged."""

    notices: list[Notice] = field(default_factory=list)
    explanation: dict[int, dict[str, object]] = field(default_factory=lambda: defaultdict(dict))
    _counts: dict[tuple[str, str], StageCounts] = field(default_factory=dict)

    def count(self, stage: str, model: str, more: StageCounts) -> None:
        """Add to the counts of a stage and model."""
        old = self._counts.get((stage, model), StageCounts())
        summed = {f.name: getattr(old, f.name) + getattr(more, f.name) for f in fields(old)}
        self._counts[stage, model] = StageCounts(**summed)

    def answered(self, stage: str, model: str, answers: Sequence[Answer]) -> None:
        """Count what the answers cost."""
        for answer in answers:
            self.count(
                stage,
                model,
                StageCounts(
                    requests=1,
                    cache_hits=int(answer.stored),
                    prompt_tokens=answer.prompt_tokens,
                    cached_tokens=answer.cached_tokens,
                    completion_tokens=answer.completion_tokens,
                ),
            )

    def rejected(self, stage: str, model: str, number: int) -> None:
        """Count surfaces or labels that were not usable."""
        if number:
            self.count(stage, model, StageCounts(rejected=number))

    def abstained(self, stage: str, model: str, sentence: int) -> None:
        """Count and note a backbone that gave no usable answer for a sentence."""
        self.count(stage, model, StageCounts(abstained=1))
        self.notice(Notice("abstained", model, sentence, stage))

    def notice(self, notice: Notice) -> None:
        """Note something for the reader of the record, once."""
        if notice not in self.notices:
            self.notices.append(notice)

    def explain(self, sentence: int, **what: object) -> None:
        """Add to the explanation of a sentence."""
        self.explanation[sentence].update(what)

    @property
    def counts(self) -> Mapping[tuple[str, str], StageCounts]:
        """Counts by (stage, model)."""
        return dict(self._counts)
