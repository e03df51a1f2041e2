"""Do the models read the demonstrations? The same sets, every type under a name that means nothing.

    .venv/bin/python benchmarks/renamed.py --data FOLDER [--sets NAME …] [--limit N]

Three ways: names as they are; renamed, and the demonstrations show the new names; renamed, and no
demonstrations, nor a vote of the pool: then nothing tells what a name means.
"""

import argparse
import asyncio
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sets import DEVELOPMENT, SETS, job

from ner_core.evaluation.baselines import ENSEMBLE, WITHOUT_POOL_VOTE
from ner_core.labels import load_label_set
from streams.evaluation import runs as command
from streams.evaluation.asking import Choice

_SYLLABLES = "ba do fe gi ko lu ma ne pi ro su ta ve wi zo".split()
_LENGTH = 3


def main() -> None:
    """Measure the three ways, and print F1 by set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--ensemble", type=Path, default=Path("models/embedded.toml"))
    parser.add_argument("--sets", nargs="+", default=list(DEVELOPMENT), choices=list(SETS))
    parser.add_argument("--limit", type=int, default=40)
    parser.add_argument("--output", type=Path, default=Path("evaluation"))
    options = parser.parse_args()
    jobs = [job(options.data, name, options.limit) for name in options.sets]
    renamed = [(path, _renamed(choice, options.output / "renamed")) for path, choice in jobs]
    ways = {
        "names as they are": (jobs, {}),
        "renamed, with demonstrations": (renamed, {}),
        "renamed, without": (renamed, {"demonstrations": 0, "pool_votes": False}),
    }
    print("| names | row | " + " | ".join(options.sets) + " | mean |")
    print("|---" * (len(options.sets) + 3) + "|")
    for way, (files, modes) in ways.items():
        (run,) = asyncio.run(command.evaluate(files, options.ensemble, options.output, [modes]))
        results = command.results_of(run)
        for row in (WITHOUT_POOL_VOTE, ENSEMBLE):
            if row in results[0].rows:
                f1 = [result.rows[row].f1 for result in results]
                cells = [f"{value:.1f}" for value in (*f1, sum(f1) / len(f1))]
                print(f"| {' | '.join([way, row, *cells])} |")


def _renamed(choice: Choice, folder: Path) -> Choice:
    """Return the choice with a label set whose shown names are drawn from syllables."""
    if choice.labels is None:
        return choice
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / choice.labels.name
    labels, names = load_label_set(choice.labels), _names()
    blocks = [f'[[type]]\nid = "{kind.id}"\nname = "{next(names)}"\n' for kind in labels.types]
    path.write_text("\n".join(blocks), "utf-8")
    return replace(choice, labels=path)


def _names() -> Iterator[str]:
    """Return words that mean nothing, none twice and none the beginning of another."""
    chance = random.Random(0)  # noqa: S311 - names, no secrets
    seen: set[str] = set()
    while True:
        name = "".join(chance.choices(_SYLLABLES, k=_LENGTH))
        if name not in seen:
            seen.add(name)
            yield name


if __name__ == "__main__":
    main()
