"""What is each stage worth? The table of docs/EVALUATION.md, by one command.

.venv/bin/python benchmarks/comparisons.py --data FOLDER [--sets NAME …] [--limit N]

Every folder in ``benchmarks/prompts`` is a variant too: other templates for the prompts.
"""

import argparse
import asyncio
from pathlib import Path

from sets import DEVELOPMENT, SETS, job

from streams.evaluation import runs as command
from streams.evaluation.ablations import VARIANTS

PROMPTS = {
    f"prompt: {folder.name.replace('_', ' ')}": {"prompts": folder}
    for folder in sorted((Path(__file__).parent / "prompts").iterdir())
}
ALL = {**VARIANTS, **PROMPTS}


def main() -> None:
    """Measure the variants, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--ensemble", type=Path, default=Path("models/embedded.toml"))
    parser.add_argument("--sets", nargs="+", default=list(DEVELOPMENT), choices=list(SETS))
    parser.add_argument("--limit", type=int, default=40)
    parser.add_argument("--variants", nargs="+", default=list(ALL), choices=list(ALL))
    parser.add_argument("--by", choices=["sentence", "document"], default="sentence")
    parser.add_argument("--output", type=Path, default=Path("evaluation"))
    options = parser.parse_args()
    jobs = [job(options.data, name, options.limit, by=options.by) for name in options.sets]
    variants = {name: ALL[name] for name in options.variants}
    asyncio.run(command.compare(jobs, options.ensemble, options.output, variants))


if __name__ == "__main__":
    main()
