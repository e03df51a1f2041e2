"""How well do a few demonstrations of your own work? Six small label sets with 15, 50 and 150.

    .venv/bin/python benchmarks/few.py [--ensemble FILE] [--sets NAME …] [--modes JSON]

Each set in ``few/`` has four types, 150 demonstrations, of which the first are shown, and 12
articles with gold entities. Articles are tagged whole, as in the stream. A table is printed, and
written to the folder of the answers: precision, recall and F1 of each set and of all, with 95%
bootstrap intervals over articles, and of all again with only the entities that have at least a
given score. ``--modes`` overrides modes of the ensemble file. Answers are stored: an interrupted
run resumes.
"""

import argparse
import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import get_args

import orjson

from ner_core.evaluation.mistakes import Scored
from ner_core.evaluation.scores import ZERO, Measure, Score, interval, score
from streams.evaluation.asking import keys
from streams.evaluation.runs import Run, evaluate
from streams.evaluation.tasks import Choice, Task

FOLDER = Path(__file__).parent / "few"
SETS = tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))
SIZES = (15, 50, 150)
LEAST_SCORES = (0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8)
ALL = "all"


@dataclass(frozen=True)
class Article:
    """The gold of an article, and what was found in it, with the score that a record has."""

    gold: frozenset[tuple[int, int, str]]
    found: Sequence[Scored]

    def score(self, least: float) -> Score:
        """Return the counts of the entities with at least this score."""
        return score(self.gold, [(s, e, kind) for s, e, kind, p in self.found if p >= least])


Measured = Mapping[int, Mapping[str, Sequence[Article]]]
"""The articles by number of demonstrations and set."""


def main() -> None:
    """Ask what has no stored answer, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ensemble", type=Path, default=Path("models/adapted.toml"))
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=SETS)
    parser.add_argument("--sizes", nargs="+", type=int, default=list(SIZES))
    parser.add_argument("--modes", type=orjson.loads, default={}, help="modes to change, as JSON")
    parser.add_argument("--output", type=Path, default=Path("evaluation"))
    options = parser.parse_args()
    asked = list(product(options.sizes, options.sets))
    jobs = [job(name, size, options.output) for size, name in asked]
    (run,) = asyncio.run(evaluate(jobs, options.ensemble, options.output, [options.modes]))
    measured: dict[int, dict[str, Sequence[Article]]] = {}
    for (_, name), task in zip(asked, run.tasks, strict=True):
        measured.setdefault(len(task.pool), {})[name] = list(articles(task, run))
    text = "\n".join(table(measured))
    (options.output / "few.md").write_text(text + "\n", "utf-8")
    print(text)


def job(name: str, size: int, output: Path) -> tuple[Path, Choice]:
    """Return what is asked about a set with its first demonstrations, which are written."""
    shown = output / "few" / f"{name}.{size}.jsonl"
    shown.parent.mkdir(parents=True, exist_ok=True)
    lines = (FOLDER / f"{name}.demonstrations.jsonl").read_bytes().splitlines(keepends=True)
    shown.write_bytes(b"".join(lines[:size]))
    labels = FOLDER / f"{name}.toml"
    return FOLDER / f"{name}.test.jsonl", Choice(shown, labels, limit=None, seed=0, by="document")


def articles(task: Task, run: Run) -> Iterator[Article]:
    """Yield the articles of a set as they were answered, scores calibrated as in a record."""
    empty = sum(not one.entities for one in task.pool) / max(1, len(task.pool))
    for key, query in zip(keys(task, run.ensemble), task.queries, strict=True):
        yield Article(
            frozenset((e.span.start, e.span.end, e.type) for e in query.entities),
            [
                (start, end, kind, round(run.ensemble.calibrated(raw, task.labels.id, empty), 4))
                for start, end, kind, raw, _ in run.answers[key]["entities"]
            ],
        )


def table(measured: Measured) -> Iterator[str]:
    """Yield a Markdown table: of every size each set, all sets, and all by least score."""
    yield "| demonstrations | set | least score | found | gold | P | R | F1 |"
    yield "|---" * 8 + "|"
    for size, sets in measured.items():
        together = [article for own in sets.values() for article in own]
        for name, own in {**sets, ALL: together}.items():
            yield _line(size, name, own, 0.0)
        for least in LEAST_SCORES:
            yield _line(size, ALL, together, least)


def _line(size: int, name: str, own: Sequence[Article], least: float) -> str:
    scores = [article.score(least) for article in own]
    total = sum(scores, ZERO)
    cells = [_cell(scores, of) for of in get_args(Measure)]
    about = (size, name, least or "", total.predicted, total.gold)
    return f"| {' | '.join(map(str, (*about, *cells)))} |"


def _cell(scores: Sequence[Score], of: Measure) -> str:
    low, high = interval(scores, of=of)
    value = getattr(sum(scores, ZERO), of)
    return f"**{100 * value:.1f}** ({100 * low:.1f} to {100 * high:.1f})"


if __name__ == "__main__":
    main()
