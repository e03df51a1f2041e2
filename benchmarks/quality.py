"""How good is it? The table of docs/EVALUATION.md, by one command.

    .venv/bin/python benchmarks/quality.py --data FOLDER [--sets NAME …] [--modes JSON]

``--modes`` changes modes of the ensemble file, to compare them on development sets.
"""

import argparse
import asyncio
from pathlib import Path

import orjson
from sets import REPORTED, SETS, job

from streams import evaluation_command as command


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
    done = asyncio.run(command.evaluate(jobs, options.ensemble, options.output, changes))
    command.show(*done, options.output, as_json=False)


if __name__ == "__main__":
    main()
