"""How good is it? The tables of docs/EVALUATION.md, by one command.

    .venv/bin/python benchmarks/quality.py --data FOLDER [--sets NAME …] [--modes JSON]

A report for each ensemble, and F1 of all of them side by side. ``--modes`` changes modes of the
ensemble files, to compare them on development sets.
"""

import argparse
import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import orjson
from sets import POOL_SENTENCES, REPORTED, SETS, job
from spacy_row import NAME, spacy_found

from ner_core.evaluation.baselines import ENSEMBLE, RULES, Found
from streams.evaluation import runs as command
from streams.evaluation.report import Result, result_of

ENSEMBLES = (Path("models/embedded.toml"), Path("models/adapted.toml"))
_OF_NO_ENSEMBLE = (RULES, NAME)


def main() -> None:
    """Measure the sets that were asked for, and write the reports."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--ensembles", nargs="+", type=Path, default=ENSEMBLES)
    parser.add_argument("--sets", nargs="+", default=list(REPORTED), choices=list(SETS))
    parser.add_argument("--limit", type=int)
    parser.add_argument("--by", choices=["sentence", "document"], default="sentence")
    parser.add_argument("--pool", type=int, default=POOL_SENTENCES, help="0: all")
    parser.add_argument("--modes", default="{}", help="modes to change, as JSON")
    parser.add_argument("--output", type=Path, default=Path("evaluation"))
    options = parser.parse_args()
    jobs = [
        job(options.data, name, options.limit, by=options.by, pool=options.pool)
        for name in options.sets
    ]
    changes = orjson.loads(options.modes)
    told: dict[str, Sequence[Result]] = {}
    by_spacy: dict[str, Sequence[Found]] = {}
    for file in options.ensembles:
        (run,) = asyncio.run(command.evaluate(jobs, file, options.output, [changes]))
        folder = options.output / run.ensemble.name
        folder.mkdir(exist_ok=True)
        told[run.ensemble.name] = results = list(_results(run, by_spacy))
        command.show(results, folder, as_json=False)
    print("\n".join(_side_by_side(told)))


def _results(run: command.Run, by_spacy: dict[str, Sequence[Found]]) -> Iterator[Result]:
    for task in run.tasks:
        if task.name not in by_spacy:
            by_spacy[task.name], mapping = spacy_found(task)
            print(f"{task.name}: {NAME}'s labels are taken for {mapping}")
        yield result_of(task, run.ensemble, run.answers, {NAME: by_spacy[task.name]})


def _side_by_side(told: Mapping[str, Sequence[Result]]) -> Iterator[str]:
    """Return F1 by row and file; rows that do not depend on an ensemble are reported once."""
    files = [result.file for result in next(iter(told.values()))]
    yield f"| {' | '.join(['row', *files, 'mean'])} |"
    yield "|---" * (len(files) + 2) + "|"
    shared: set[str] = set()
    for ensemble, results in told.items():
        for row in results[0].rows:
            name = row if row in _OF_NO_ENSEMBLE else f"{ensemble}: {row}"
            name = f"**{name}**" if row == ENSEMBLE else name
            if name not in shared:
                f1 = [result.rows[row].f1 for result in results]
                cells = [f"{value:.1f}" for value in (*f1, sum(f1) / len(f1))]
                yield f"| {' | '.join([name, *cells])} |"
            shared.add(name)


if __name__ == "__main__":
    main()
