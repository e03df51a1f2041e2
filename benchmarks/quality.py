"""How good is it? The table of docs/EVALUATION.md, by one command.

    .venv/bin/python benchmarks/quality.py --data FOLDER [--sets NAME …] [--modes JSON]

``--modes`` changes modes of the ensemble file, to compare them on development sets.
"""

import argparse
import asyncio
from pathlib import Path

import orjson
from sets import REPORTED, SETS, job
from spacy_row import NAME, spacy_found

from streams import evaluation_command as command
from streams.report import result_of


def main() -> None:
    """Measure the sets that were asked for, and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--ensemble", type=Path, default=Path("models/embedded.toml"))
    parser.add_argument("--sets", nargs="+", default=list(REPORTED), choices=list(SETS))
    parser.add_argument("--limit", type=int)
    parser.add_argument("--modes", default="{}", help="modes to change, as JSON")
    parser.add_argument("--output", type=Path, default=Path("evaluation"))
    options = parser.parse_args()
    jobs = [job(options.data, name, options.limit) for name in options.sets]
    changes = orjson.loads(options.modes)
    (run,) = asyncio.run(command.evaluate(jobs, options.ensemble, options.output, [changes]))
    results = []
    for task in run.tasks:
        found, mapping = spacy_found(task)
        results.append(result_of(task, run.ensemble, run.kept, {NAME: found}))
        print(f"{task.name}: {NAME}'s labels are taken for {mapping}")
    command.show(results, options.output, as_json=False)


if __name__ == "__main__":
    main()
