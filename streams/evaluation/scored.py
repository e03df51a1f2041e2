"""The scores of an evaluation: how far they can be trusted, and what would calibrate them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ner_core.calibration import fit
from ner_core.ensemble import Ensemble
from ner_core.evaluation.scores import calibration_error
from streams.evaluation.tasks import Task


@dataclass(frozen=True, slots=True)
class Scored:
    """The score of one entity, in [0, 1], and whether the entity is right.

    ``empty_share``: the share of demonstrations in the pool of its file that hold no entity.
    """

    raw: float
    calibrated: float
    right: bool
    empty_share: float


def pairs_of(scored: Sequence[Scored]) -> dict[str, list[tuple[float, bool]]]:
    """Return the scores, raw and calibrated, each with whether the entity is right."""
    return {
        "raw": [(entity.raw, entity.right) for entity in scored],
        "calibrated": [(entity.calibrated, entity.right) for entity in scored],
    }


def errors_of(scored: Sequence[Scored]) -> str:
    """Return the calibration errors of the scores, raw and calibrated."""
    pairs = pairs_of(scored)
    return ", ".join(f"{name} {calibration_error(own):.3f}" for name, own in pairs.items())


def calibration_of(scored: Sequence[Scored]) -> list[str]:
    """Return the calibration error of all scores, and the calibration that fits them best."""
    line = f"- all files: calibration error of the score {errors_of(scored)}"
    best = fit([(s.raw, s.empty_share, s.right) for s in scored])
    if best is None:
        return [line]
    values = ", ".join(f"{name} = {value}" for name, value in best.model_dump().items())
    return [f"{line}; fitted to them: {values}"]


def scored_of(
    task: Task,
    ensemble: Ensemble,
    answers: Sequence[Mapping[str, Any]],
    gold: Sequence[set[tuple[int, int, str]]],
) -> list[Scored]:
    """Return the score of every entity in the answers to a file."""
    share = task.empty_share
    return [
        Scored(
            raw=raw,
            calibrated=ensemble.calibrated(raw, task.labels.id, share),
            right=(start, end, kind) in wanted,
            empty_share=share,
        )
        for answer, wanted in zip(answers, gold, strict=True)
        for start, end, kind, raw, _ in answer["entities"]
    ]
