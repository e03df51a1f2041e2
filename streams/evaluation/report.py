"""What an evaluation found: figures by file and row, as JSON, Markdown and a picture."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import orjson

from ner_core.calibration import fit
from ner_core.ensemble import Ensemble
from ner_core.evaluation.baselines import ENSEMBLE, RULES, Found, by_rules, rows, single_call
from ner_core.evaluation.scores import Figures, Nested, calibration_error, figures, outermost
from ner_core.pool.pool import empty_share
from streams.evaluation.answer_log import AnswerLog
from streams.evaluation.asking import Task, keys
from streams.evaluation.plots import draw

_NOBODY: Mapping[str, Sequence[Found]] = MappingProxyType({})
_COST = ("requests", "prompt_tokens", "cached_tokens", "completion_tokens")


@dataclass(frozen=True, slots=True)
class Scored:
    """The score of one entity, in [0, 1], and whether the entity is right.

    ``empty_share``: of the demonstrations in its file's pool, those that hold no entity.
    """

    raw: float
    calibrated: float
    right: bool
    empty_share: float


@dataclass(frozen=True, slots=True)
class Result:
    """What one file gave; ``cost`` is per sentence, ``computed_tokens`` by row where known.

    ``scored`` has the score of every entity of the ensemble, raw and as the ensemble's
    file calibrates it, and whether the entity is right.
    """

    file: str
    ensemble: str
    nested: Nested
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

    @property
    def line(self) -> dict[str, object]:
        """What one line of ``--json`` says: the figures of the ensemble as it is."""
        told = asdict(self.rows[ENSEMBLE])
        return {"file": self.file, "sentences": self.sentences, **told, "cost": dict(self.cost)}


def result_of(
    task: Task, ensemble: Ensemble, kept: AnswerLog, others: Mapping[str, Sequence[Found]] = _NOBODY
) -> Result:
    """Sum up what is kept of a file's sentences; ``others`` are rows by name and sentence."""
    said = [kept[key] for key in keys(task, ensemble)]
    gold = [{(e.span.start, e.span.end, e.type) for e in q.entities} for q in task.queries]
    found = [
        _rows(task, ensemble, one, {name: row[i] for name, row in others.items()})
        for i, one in enumerate(said)
    ]
    names = list(dict.fromkeys(name for one in found for name in one))
    counts = _counts(said)
    seconds = [one["seconds"] for one in said] or [0.0]
    return Result(
        file=task.name,
        ensemble=ensemble.name,
        nested=task.nested,
        sentences=len(said),
        rows={
            name: figures([(g, one.get(name, set())) for g, one in zip(gold, found, strict=True)])
            for name in names
        },
        cost={kind: _per(counts[kind], said) for kind in _COST},
        computed_tokens=_computed(said, ensemble),
        scored=_scored(task, ensemble, said, gold),
        rejected=counts["rejected"],
        abstained=counts["abstained"],
        p50_s=round(float(np.percentile(seconds, 50)), 2),
        p95_s=round(float(np.percentile(seconds, 95)), 2),
        fingerprints=sorted({one["fingerprint"] for one in said}),
    )


def errors(
    task: Task, ensemble: Ensemble, kept: AnswerLog
) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """Give what was missed and what was invented: (surface, type), and how often."""
    missed: Counter[tuple[str, str]] = Counter()
    invented: Counter[tuple[str, str]] = Counter()
    for key, query in zip(keys(task, ensemble), task.queries, strict=True):
        gold = {(e.span.start, e.span.end, e.type) for e in query.entities}
        found = _rows(task, ensemble, kept[key])[ENSEMBLE]
        missed.update((query.text[s:e], kind) for s, e, kind in gold - found)
        invented.update((query.text[s:e], kind) for s, e, kind in found - gold)
    return missed, invented


def write(folder: Path, results: Sequence[Result]) -> list[Path]:
    """Write the results as JSON, as a Markdown table and as a picture; gives their places."""
    data, text, picture = (folder / f"evaluation.{kind}" for kind in ("json", "md", "png"))
    told = [
        {**asdict(result), "scored": [[s.raw, s.calibrated, s.right] for s in result.scored]}
        for result in results
    ]
    data.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    text.write_text(markdown(results), "utf-8")
    rows = {result.file: result.rows for result in results}
    draw(picture, rows, _pairs(results))
    return [data, text, picture]


def markdown(results: Sequence[Result]) -> str:
    """Give one table of all files and rows, and what each file cost."""
    lines = [
        "| file | row | P | R | F1 | 95 % interval | span F1 | prompt tokens computed |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for result in results:
        for row, told in result.rows.items():
            tokens = result.computed_tokens.get(row)
            lines.append(
                f"| {result.file} | {row} | {told.precision:.1f} | {told.recall:.1f} "
                f"| {told.f1:.1f} | {told.low:.1f} to {told.high:.1f} | {told.span_f1:.1f} "
                f"| {'' if tokens is None else f'{tokens:.0f}'} |"
            )
    costs = [
        f"- {r.file}: {r.sentences} sentences, nested entities: {r.nested}, "
        f"ensemble `{r.ensemble}`; per sentence "
        f"{r.cost['requests']:.1f} requests, {r.cost['prompt_tokens']:.0f} prompt tokens "
        f"({r.cost['cached_tokens']:.0f} cached), {r.cost['completion_tokens']:.0f} written; "
        f"p50 {r.p50_s:.1f} s, p95 {r.p95_s:.1f} s; rejected {r.rejected}, "
        f"abstained {r.abstained}; calibration error of the score {_errors(_pairs([r]))}"
        for r in results
    ]
    return "\n".join([*lines, "", *costs, *_calibration(results), ""])


def _calibration(results: Sequence[Result]) -> list[str]:
    """Tell how far scores are from the share that is right, over all files."""
    pairs = _pairs(results)
    told = f"- all files: calibration error of the score {_errors(pairs)}"
    best = fit([(one.raw, one.empty_share, one.right) for r in results for one in r.scored])
    if best is None:
        return [told]
    values = ", ".join(f"{name} = {value}" for name, value in best.model_dump().items())
    return [f"{told}; fitted on them: {values}"]


def _errors(pairs: Mapping[str, Sequence[tuple[float, bool]]]) -> str:
    return ", ".join(f"{name} {calibration_error(scored):.3f}" for name, scored in pairs.items())


def _pairs(results: Sequence[Result]) -> dict[str, list[tuple[float, bool]]]:
    """Give scores, raw and calibrated, with whether the entity was right."""
    scored = [one for result in results for one in result.scored]
    return {
        "raw": [(one.raw, one.right) for one in scored],
        "calibrated": [(one.calibrated, one.right) for one in scored],
    }


def _rows(
    task: Task,
    ensemble: Ensemble,
    said: Mapping[str, Any],
    others: Mapping[str, Found] = MappingProxyType({}),
) -> dict[str, set[tuple[int, int, str]]]:
    entities = [tuple(entity) for entity in said["entities"]]
    found = {
        RULES: by_rules(said["text"], task.commonest),
        **others,
        **rows(said["parts"], entities, task.labels, ensemble),
    }
    flat = task.nested == "flat"
    return {name: outermost(one) if flat else set(one) for name, one in found.items()}


def _scored(
    task: Task,
    ensemble: Ensemble,
    said: Sequence[Mapping[str, Any]],
    gold: Sequence[set[tuple[int, int, str]]],
) -> list[Scored]:
    share = empty_share(task.pool)
    return [
        Scored(
            raw=raw,
            calibrated=ensemble.calibrated(raw, task.labels.id, share),
            right=(start, end, kind) in wanted,
            empty_share=share,
        )
        for one, wanted in zip(said, gold, strict=True)
        for start, end, kind, raw, _ in one["entities"]
    ]


def _counts(said: Sequence[Mapping[str, Any]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for one in said:
        for _, _, spent in one["counts"]:
            counts.update(spent)
    return counts


def _computed(said: Sequence[Mapping[str, Any]], ensemble: Ensemble) -> dict[str, float]:
    """Give prompt tokens that were not cached, per sentence: of one call each, and of all."""
    once: Counter[str] = Counter()
    whole = 0
    for one in said:
        for stage, model, spent in one["counts"]:
            computed = spent["prompt_tokens"] - spent["cached_tokens"]
            whole += computed
            once[model] += computed if stage == "extract" else 0
    rows = {single_call(b.name): _per(once[b.name], said) for b in ensemble.backbone}
    return {RULES: 0.0, **rows, ENSEMBLE: _per(whole, said)}


def _per(total: int, said: Sequence[object]) -> float:
    return round(total / max(1, len(said)), 2)
