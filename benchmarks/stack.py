"""What is a trained verifier worth? The stack on sets that neither it nor the verifier saw.

    .venv/bin/python benchmarks/stack.py --judged FILE [--verdicts FOLDER] [--output FOLDER]

``--judged`` is what ``benchmarks/mistakes.py`` wrote, ``--verdicts`` the run of
``training/verifier.py`` on it. For each set the stack, and the least probability of an entity, are
fitted to all other sets. Prints AUC, F1 and calibration error by set, draws the reliability, and
writes the stack that fits all sets.
"""

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
from matplotlib.figure import Figure

from ner_core.calibration import fit
from ner_core.evaluation.cases import Case
from ner_core.evaluation.mistakes import Judged, Scored, read_judged
from ner_core.evaluation.scores import ZERO, bins, calibration_error, outermost, score
from ner_core.evaluation.stack import elected, fit_stack
from ner_core.logistic import log_odds
from ner_core.stack import Evidence, Stack
from ner_core.stages.stacking import evidence, mean_probabilities

ENSEMBLE, MEAN = "EL4NER", "mean of the probabilities"
VOTES, VERIFIED = "stack of the votes", "stack with verifier"
_LEAST = [round(0.2 + 0.05 * step, 2) for step in range(9)]
_MEAN = Stack(intercept=0, weights={"mean": 1.0})
_DIGITS = {"AUC": 3, "F1": 1, "ECE": 3}

Verdicts = Mapping[tuple[str, str], Sequence[Sequence[float]]]
"""P(answer) of the verifier on every case in order, by set and text."""


@dataclass(frozen=True)
class Known:
    """A sentence, and what is known of the first two types of each of its cases."""

    judged: Judged
    cases: Sequence[tuple[Case, Mapping[str, Evidence]]]


@dataclass(frozen=True)
class Row:
    """What one method found: entities by sentence, and P(right) of every case's first type."""

    entities: Sequence[Sequence[Scored]]
    proposed: Sequence[float]


def main() -> None:
    """Fit, print the tables, draw the plot, write the stack."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--judged", type=Path, required=True)
    parser.add_argument("--verdicts", type=Path)
    parser.add_argument("--output", type=Path, default=Path("evaluation"))
    options = parser.parse_args()
    judged = read_judged(options.judged)
    sets = sorted({one.set for one in judged})
    rows = {name: {ENSEMBLE: as_tagged(judged, name)} for name in sets}
    for name in sets:
        rows[name][MEAN] = crossed(known_of(judged, None), name, lambda _: _MEAN)
    ways: dict[str, Verdicts | None] = {VOTES: None}
    if options.verdicts:
        ways[VERIFIED] = _verdicts(options.verdicts, sets)
    for way, verdicts in ways.items():
        known = known_of(judged, verdicts)
        for name in sets:
            rows[name][way] = crossed(known, name, fit_to)
        stack = least_for(known, fit_to(known))
        path = options.output / f"{way.replace(' ', '-')}.json"
        path.write_text(stack.model_dump_json(indent=2) + "\n")
    print("\n".join(table(judged, rows)))
    draw(options.output / "reliability.png", judged, rows)


def known_of(judged: Sequence[Judged], verdicts: Verdicts | None) -> list[Known]:
    """Return what is known of every sentence."""
    return [
        Known(one, [(c, _evidence(c, one.empty_share, said)) for c, said in _said(one, verdicts)])
        for one in judged
    ]


def _said(one: Judged, verdicts: Verdicts | None) -> Iterable[tuple[Case, Sequence[float] | None]]:
    nothing = [None] * len(one.cases)
    return zip(one.cases, verdicts[one.set, one.text] if verdicts else nothing, strict=True)


def _evidence(case: Case, empty: float, verdict: Sequence[float] | None) -> dict[str, Evidence]:
    found: dict[str, Evidence] = {}
    for number, kind in enumerate((case.proposed, case.runner_up)):
        known = evidence(case.votes, case.written, kind, empty)
        if verdict:
            known["verifier"] = log_odds(verdict[number])
            known["verifier, borders"] = log_odds(verdict[2])
            known["verifier, neither"] = log_odds(verdict[3])
        found[kind] = known
    return found


def fit_to(known: Sequence[Known]) -> Stack:
    """Return the stack that fits both types of all cases."""
    return fit_stack(
        [
            (about, kind == case.gold)
            for one in known
            for case, by_kind in one.cases
            for kind, about in by_kind.items()
        ]
    )


def least_for(known: Sequence[Known], stack: Stack) -> Stack:
    """Return the stack with the least probability that has the best mean F1 over the sets."""
    sets = sorted({one.judged.set for one in known})

    def mean(least: float) -> float:
        tried = stack.model_copy(update={"least": least})
        f1 = [_f1([(o.judged, chosen(tried, o)) for o in known if o.judged.set == s]) for s in sets]
        return sum(f1) / len(f1)

    return stack.model_copy(update={"least": max(_LEAST, key=mean)})


def crossed(known: Sequence[Known], name: str, fitted: Callable[[Sequence[Known]], Stack]) -> Row:
    """Return what the stack finds in a set, fitted to the others."""
    others = [one for one in known if one.judged.set != name]
    stack = least_for(others, fitted(others))
    own = [one for one in known if one.judged.set == name]
    proposed = [stack.of(by[case.proposed]) for one in own for case, by in one.cases]
    return Row([chosen(stack, one) for one in own], proposed)


def chosen(stack: Stack, one: Known) -> list[Scored]:
    """Return the entities of a sentence: the more probable type of each span, if it suffices."""
    return elected(stack, [(case.span, by_kind) for case, by_kind in one.cases])


def as_tagged(judged: Sequence[Judged], name: str) -> Row:
    """Return what the ensemble found in a set, scores calibrated on the others."""
    samples = [
        (score, one.empty_share, (start, end, kind) in one.gold, one.set == name)
        for one in judged
        for start, end, kind, score in one.entities
    ]
    calibration = fit([(score, empty, right) for score, empty, right, own in samples if not own])
    own = [one for one in judged if one.set == name]
    entities = [
        [
            (*what, calibration.of(p, one.empty_share) if calibration else p)
            for *what, p in one.entities
        ]
        for one in own
    ]
    proposed = [mean_probabilities(c.votes).get(c.proposed, 0.0) for one in own for c in one.cases]
    return Row(entities, proposed)


def table(judged: Sequence[Judged], rows: Mapping[str, Mapping[str, Row]]) -> Iterator[str]:
    """Yield tables of AUC, F1 and calibration error: a line for each way, a column for each set."""
    by_set = {name: [one for one in judged if one.set == name] for name in rows}
    measures = {"AUC": _auc_of, "F1": _f1_of, "ECE": _ece_of}
    for what, measure in measures.items():
        yield f"| {what} | {' | '.join(rows)} | mean |"
        yield "|---" * (len(rows) + 2) + "|"
        for way in next(iter(rows.values())):
            values = [measure(by_set[name], rows[name][way]) for name in rows]
            cells = [f"{value:.{_DIGITS[what]}f}" for value in (*values, float(np.mean(values)))]
            yield f"| {way} | {' | '.join(cells)} |"
        yield ""


def draw(path: Path, judged: Sequence[Judged], rows: Mapping[str, Mapping[str, Row]]) -> None:
    """Plot the share of right entities over their score, all sets together, for each way."""
    figure = Figure(figsize=(5, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="grey", lw=0.7, ls="--")
    for way in next(iter(rows.values())):
        pairs = [
            pair
            for name in rows
            for pair in _scored([one for one in judged if one.set == name], rows[name][way])
        ]
        points = [(mean, right) for mean, right, _ in bins(pairs)]
        axes.plot(
            *zip(*points, strict=True), "o-", label=f"{way}, ECE {calibration_error(pairs):.3f}"
        )
    axes.set(
        xlabel="score of an entity", ylabel="share of right entities", xlim=(0, 1), ylim=(0, 1)
    )
    axes.legend()
    figure.savefig(path, dpi=110)


def auc(scores: Sequence[float], right: Sequence[bool]) -> float:
    """Return the chance that a right case has a higher score than a wrong one."""
    good = np.array([s for s, ok in zip(scores, right, strict=True) if ok])
    bad = np.array([s for s, ok in zip(scores, right, strict=True) if not ok])
    wins = (good[:, None] > bad).mean() + 0.5 * (good[:, None] == bad).mean()
    return float(wins)


def _auc_of(judged: Sequence[Judged], row: Row) -> float:
    return auc(row.proposed, [case.status == "right" for one in judged for case in one.cases])


def _f1_of(judged: Sequence[Judged], row: Row) -> float:
    return _f1(list(zip(judged, row.entities, strict=True)))


def _ece_of(judged: Sequence[Judged], row: Row) -> float:
    return calibration_error(_scored(judged, row))


def _scored(judged: Sequence[Judged], row: Row) -> list[tuple[float, bool]]:
    return [
        (p, (start, end, kind) in one.gold)
        for one, found in zip(judged, row.entities, strict=True)
        for start, end, kind, p in found
    ]


def _f1(pairs: Sequence[tuple[Judged, Sequence[Scored]]]) -> float:
    counted = (score(one.gold, outermost({e[:3] for e in found})) for one, found in pairs)
    return 100 * sum(counted, ZERO).f1


def _verdicts(folder: Path, sets: Sequence[str]) -> Verdicts:
    lines = (
        (name, orjson.loads(line))
        for name in sets
        for line in (folder / f"verdicts-{name}.jsonl").read_bytes().splitlines()
    )
    return {(name, text): verdicts for name, (text, verdicts) in lines}


if __name__ == "__main__":
    main()
