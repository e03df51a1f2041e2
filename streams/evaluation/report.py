"""The report of an evaluation: figures by file and row, as JSON, Markdown and a plot."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import orjson

from ner_core.ensemble import Ensemble
from ner_core.evaluation.baselines import (
    ENSEMBLE,
    INTERSECTION,
    MAJORITY_OF_CALLS,
    RULES,
    UNION_OF_CALLS,
    WITHOUT_VERIFICATION,
    Found,
    by_rules,
    is_single_member,
    rows,
    single_call,
)
from ner_core.evaluation.documents import parted
from ner_core.evaluation.scores import Figures, Nested, figures, outermost
from ner_core.evaluation.stack import Learned
from ner_core.stack import Stack
from streams.evaluation.answer_log import AnswerLog
from streams.evaluation.asking import keys
from streams.evaluation.learned import learned, line_of, tables
from streams.evaluation.plots import draw
from streams.evaluation.scored import Scored, calibration_of, errors_of, pairs_of, scored_of
from streams.evaluation.tasks import By, Task, listed
from streams.host.folders import writing

_NOBODY: Mapping[str, Sequence[Found]] = MappingProxyType({})
_TABLE_ALONE = (RULES, UNION_OF_CALLS, MAJORITY_OF_CALLS, INTERSECTION, WITHOUT_VERIFICATION)
_DRAWN = 5
_COST = ("requests", "prompt_tokens", "cached_tokens", "completion_tokens")


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one file.

    ``by`` is what was tagged as a whole, and what ``p50_s`` and ``p95_s`` are the time of;
    ``texts`` is the number of these, with ``sentences`` in all. ``cost`` is per sentence;
    ``computed_tokens`` is by row, for the rows that have it.
    ``learned`` is the stack that fits the file, ``None`` if it has too few texts for one.
    ``scored`` holds the score of every entity of the ensemble, raw and as the ensemble
    file calibrates it, and whether the entity is right. ``omissions`` is the task's.
    """

    file: str
    ensemble: str
    nested: Nested
    by: By
    texts: int
    sentences: int
    rows: Mapping[str, Figures]
    cost: Mapping[str, float]
    computed_tokens: Mapping[str, float]
    scored: Sequence[Scored]
    rejected: int
    abstained: int
    p50_s: float
    p95_s: float
    fingerprints: Sequence[str]
    omissions: Mapping[str, int]
    label_set: str
    learned: Learned | None

    @property
    def line(self) -> dict[str, object]:
        """The line of ``--json``: the figures of the ensemble."""
        row = asdict(self.rows[ENSEMBLE])
        asked = {"by": self.by, "texts": self.texts, "sentences": self.sentences}
        more = {"cost": dict(self.cost), "omissions": dict(self.omissions)}
        return {"file": self.file, **asked, **row, **more}


def result_of(
    task: Task, ensemble: Ensemble, log: AnswerLog, others: Mapping[str, Sequence[Found]] = _NOBODY
) -> Result:
    """Return the result of a file; ``others`` are further rows, by name and sentence."""
    answers = [log[key] for key in keys(task, ensemble)]
    gold = [{(e.span.start, e.span.end, e.type) for e in q.entities} for q in task.queries]
    found = [
        _rows(task, ensemble, answer, {name: row[i] for name, row in others.items()})
        for i, answer in enumerate(answers)
    ]
    names = list(dict.fromkeys(name for rows_ in found for name in rows_))
    counts = _counts(answers)
    seconds = [answer["seconds"] for answer in answers] or [0.0]
    return Result(
        file=task.name,
        ensemble=ensemble.name,
        nested=task.nested,
        by=task.by,
        texts=len(answers),
        sentences=task.sentences,
        rows={
            name: figures([(g, row.get(name, set())) for g, row in zip(gold, found, strict=True)])
            for name in names
        },
        cost={kind: _per_sentence(counts[kind], task) for kind in _COST},
        computed_tokens=_computed_tokens(task, answers, ensemble),
        scored=scored_of(task, ensemble, answers, gold),
        rejected=counts["rejected"],
        abstained=counts["abstained"],
        p50_s=round(float(np.percentile(seconds, 50)), 2),
        p95_s=round(float(np.percentile(seconds, 95)), 2),
        fingerprints=sorted({answer["fingerprint"] for answer in answers}),
        omissions=task.omissions,
        label_set=task.labels.id,
        learned=learned(task, answers, gold),
    )


def errors(
    task: Task, ensemble: Ensemble, log: AnswerLog
) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """Count the missed and the invented entities, by surface and type."""
    missed: Counter[tuple[str, str]] = Counter()
    invented: Counter[tuple[str, str]] = Counter()
    for key, query in zip(keys(task, ensemble), task.queries, strict=True):
        gold = {(e.span.start, e.span.end, e.type) for e in query.entities}
        found = _rows(task, ensemble, log[key])[ENSEMBLE]
        missed.update((query.text[s:e], kind) for s, e, kind in gold - found)
        invented.update((query.text[s:e], kind) for s, e, kind in found - gold)
    return missed, invented


def write(folder: Path, results: Sequence[Result]) -> list[Path]:
    """Write the results as JSON, Markdown and a plot, and the stacks; returns the paths.

    Raises:
        ConfigurationError: one cannot be written.
    """
    data, text, plot = (folder / f"evaluation.{kind}" for kind in ("json", "md", "png"))
    stacks = folder / "stacks.toml"
    values = [
        {**asdict(result), "scored": [[s.raw, s.calibrated, s.right] for s in result.scored]}
        for result in results
    ]
    with writing(data):
        data.write_bytes(orjson.dumps(values, default=Stack.model_dump, option=orjson.OPT_INDENT_2))
    with writing(text):
        text.write_text(markdown(results), "utf-8")
    with writing(plot):
        draw(
            plot,
            {result.file: _drawn(result.rows) for result in results},
            pairs_of([one for result in results for one in result.scored]),
        )
    with writing(stacks):
        stacks.write_text(
            tables((r.file, r.label_set, r.learned.stack) for r in results if r.learned), "utf-8"
        )
    return [data, text, plot, stacks]


def _drawn(rows: Mapping[str, Figures]) -> dict[str, Figures]:
    """Return five rows at most, as a reader can tell no more colors apart; all are in the table."""
    names = [name for name in rows if name not in _TABLE_ALONE and not is_single_member(name)]
    return {name: rows[name] for name in names[-_DRAWN:]}


def markdown(results: Sequence[Result]) -> str:
    """Return one table of all files and rows, and the cost of each file, as Markdown."""
    lines = [
        "| file | row | P | R | F1 | 95% interval | span F1 | prompt tokens computed |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for result in results:
        for name, row in result.rows.items():
            tokens = result.computed_tokens.get(name)
            lines.append(
                f"| {result.file} | {name} | {row.precision:.1f} | {row.recall:.1f} "
                f"| {row.f1:.1f} | {row.low:.1f} to {row.high:.1f} | {row.span_f1:.1f} "
                f"| {'' if tokens is None else f'{tokens:.0f}'} |"
            )
    costs = [
        f"- {r.file}: {_asked(r)}, nested entities: {r.nested}, "
        f"ensemble `{r.ensemble}`; per sentence "
        f"{r.cost['requests']:.1f} requests, {r.cost['prompt_tokens']:.0f} prompt tokens "
        f"({r.cost['cached_tokens']:.0f} cached), {r.cost['completion_tokens']:.0f} written; "
        f"p50 {r.p50_s:.1f} s, p95 {r.p95_s:.1f} s per {r.by}; rejected {r.rejected}, "
        f"abstained {r.abstained}; calibration error of the score {errors_of(r.scored)}"
        for r in results
    ]
    left_out = [
        f"- {r.file}: left out, or not as in the file: {listed(r.omissions)}"
        for r in results
        if r.omissions
    ]
    stacks = [line_of(r.file, r.learned, r.rows[ENSEMBLE].f1) for r in results if r.learned]
    return "\n".join(
        [
            *lines,
            "",
            *costs,
            *left_out,
            *calibration_of([one for r in results for one in r.scored]),
            *stacks,
            "",
        ]
    )


def _asked(result: Result) -> str:
    """Return how much was asked about, and what as a whole."""
    by = f" in {result.texts} documents" if result.by == "document" else ""
    return f"{result.sentences} sentences{by}"


def _rows(
    task: Task,
    ensemble: Ensemble,
    answer: Mapping[str, Any],
    others: Mapping[str, Found] = MappingProxyType({}),
) -> dict[str, set[tuple[int, int, str]]]:
    entities = [tuple(entity) for entity in answer["entities"]]
    found = {
        RULES: _by_rules(task, answer["text"]),
        **others,
        **rows(answer["parts"], entities, task.labels, ensemble),
    }
    flat = task.nested == "flat"
    return {name: outermost(row) if flat else set(row) for name, row in found.items()}


def _by_rules(task: Task, text: str) -> Found:
    """Return what rules find; a name never continues into the next sentence of a document."""
    parts = parted(text) if task.by == "document" else [(0, text)]
    return frozenset(
        (at + start, at + end, kind)
        for at, part in parts
        for start, end, kind in by_rules(part, task.commonest)
    )


def _counts(answers: Sequence[Mapping[str, Any]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for answer in answers:
        for _, _, spent in answer["counts"]:
            counts.update(spent)
    return counts


def _computed_tokens(
    task: Task, answers: Sequence[Mapping[str, Any]], ensemble: Ensemble
) -> dict[str, float]:
    """Return the prompt tokens per sentence that no cache had: of single calls, and of all."""
    single: Counter[str] = Counter()
    whole = 0
    for answer in answers:
        for stage, model, spent in answer["counts"]:
            computed = spent["prompt_tokens"] - spent["cached_tokens"]
            whole += computed
            single[model] += computed if stage == "extract" else 0
    rows = {single_call(b.name): _per_sentence(single[b.name], task) for b in ensemble.backbone}
    return {RULES: 0.0, **rows, ENSEMBLE: _per_sentence(whole, task)}


def _per_sentence(total: int, task: Task) -> float:
    return round(total / max(1, task.sentences), 2)
