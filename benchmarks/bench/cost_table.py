"""The table of ``bench/cost.py``: tokens per sentence, scores, and both beside the first row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.results import table
from ner_core.evaluation.scores import ZERO, Score, interval, outermost, paired_interval, score
from ner_core.types import StageCounts
from streams.evaluation.tasks import Task

NAIVE, UNVERIFIED = "naive", "naive, without stage 4"
HEAD = (
    "row", "set", "calls", "prompt tokens", "cached", "computed", "written", "computed / naive",
    "P", "R", "F1", "F1 − naive", f"F1 − {UNVERIFIED}",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measured:
    """A row of one set, or of several: scores by document, and counts over all of them.

    ``found`` counts the entities after stage 4, ``elected`` those before it. ``counts`` is by
    stage.
    """

    name: str
    sentences: int
    found: Sequence[Score]
    elected: Sequence[Score]
    counts: Mapping[str, StageCounts]

    @classmethod
    def of(cls, task: Task, answer: Mapping[str, Any]) -> "Measured":
        """Return a row of one set, from what was stored of it."""
        golds = [{(e.span.start, e.span.end, e.type) for e in q.entities} for q in task.queries]
        rejected = [set(map(tuple, each)) for each in answer["rejected"]]
        found = [set(map(tuple, each)) for each in answer["found"]]
        counts: dict[str, StageCounts] = {}
        for stage, _, spent in answer["counts"]:
            counts[stage] = counts.get(stage, StageCounts()) + StageCounts(**spent)
        return cls(
            task.name,
            task.sentences,
            _scores(golds, found),
            _scores(golds, [f | r for f, r in zip(found, rejected, strict=True)]),
            counts,
        )

    @property
    def spent(self) -> StageCounts:
        """Counts of all stages."""
        return sum(self.counts.values(), StageCounts())

    def without_verification(self) -> "Measured":
        """Return what there would be without stage 4."""
        counts = {stage: spent for stage, spent in self.counts.items() if stage != "verify"}
        return Measured(self.name, self.sentences, self.elected, self.elected, counts)


def lines_of(rows: Mapping[str, Sequence[Measured]]) -> list[str]:
    """Return the table: every row of each set, and of all sets together."""
    whole = with_totals(rows)
    cells = [
        _cells(row, one, whole[NAIVE][place], whole[UNVERIFIED][place])
        for row, sets in whole.items()
        for place, one in enumerate(sets)
    ]
    return [*table(HEAD, cells).splitlines(), "", *_notes(whole)]


def figures_of(rows: Mapping[str, Sequence[Measured]]) -> str:
    """Return the figures of all sets together, in one line."""
    whole = with_totals(rows)
    plain = whole[NAIVE][-1]
    return "; ".join(
        f"{row}: {_computed(sets[-1]):.0f} tokens a sentence computed "
        f"({_ratio(sets[-1], plain)}), F1 − naive {_difference(sets[-1], plain)}"
        for row, sets in whole.items()
    )


def with_totals(rows: Mapping[str, Sequence[Measured]]) -> dict[str, list[Measured]]:
    """Return the rows with that of naive without stage 4, each with all sets together last."""
    plain = {NAIVE: rows[NAIVE], UNVERIFIED: [one.without_verification() for one in rows[NAIVE]]}
    return {row: [*sets, _together(sets)] for row, sets in {**plain, **rows}.items()}


def _together(sets: Sequence[Measured]) -> Measured:
    counts: dict[str, StageCounts] = {}
    for one in sets:
        for stage, spent in one.counts.items():
            counts[stage] = counts.get(stage, StageCounts()) + spent
    return Measured(
        "all",
        sum(one.sentences for one in sets),
        [score for one in sets for score in one.found],
        [score for one in sets for score in one.elected],
        counts,
    )


def _cells(row: str, one: Measured, plain: Measured, unverified: Measured) -> tuple[str, ...]:
    spent, total = one.spent, sum(one.found, ZERO)
    tokens = (spent.prompt_tokens, spent.cached_tokens)
    low, high = interval(one.found)
    return (
        row, one.name, f"{spent.requests / one.sentences:.1f}",
        *(f"{number / one.sentences:.0f}" for number in tokens), f"{_computed(one):.0f}",
        f"{spent.completion_tokens / one.sentences:.0f}", _ratio(one, plain),
        _points(total.precision), _points(total.recall),
        f"{_points(total.f1)} ({_points(low)} to {_points(high)})",
        _difference(one, plain), _difference(one, unverified),
    )  # fmt: skip


def _difference(one: Measured, other: Measured) -> str:
    """Return the difference of F1 in points, with its interval over documents."""
    low, high = paired_interval(list(zip(one.found, other.found, strict=True)))
    ends = " to ".join(f"{100 * end:+.1f}" for end in (low, high))
    return f"{100 * (_f1(one.found) - _f1(other.found)):+.1f} ({ends})"


def _notes(whole: Mapping[str, Sequence[Measured]]) -> Iterator[str]:
    sets = ", ".join(f"{m.name}: {m.sentences} in {len(m.found)}" for m in whole[NAIVE])
    yield f"Tokens and calls per sentence. Sentences in documents: {sets}."
    yield "F1 in points, with 95% bootstrap intervals over documents; differences are paired."
    yield (
        "The verifier is a model of the ensemble, with the adapter that also extracts and types; "
        f"`{UNVERIFIED}` leaves out its calls and its verdicts."
    )


def _scores(golds: Sequence[set[Any]], found: Sequence[set[Any]]) -> list[Score]:
    pairs = zip(golds, found, strict=True)
    return [score(outermost(gold), outermost(entities)) for gold, entities in pairs]


def _computed(one: Measured) -> float:
    return (one.spent.prompt_tokens - one.spent.cached_tokens) / one.sentences


def _ratio(one: Measured, plain: Measured) -> str:
    return f"{_computed(one) / _computed(plain):.2f}"


def _f1(scores: Sequence[Score]) -> float:
    return sum(scores, ZERO).f1


def _points(share: float) -> str:
    return f"{100 * share:.1f}"
