"""Long documents: processor time and memory of the whole pipeline, by length.

    PYTHONPATH=tests .venv/bin/python benchmarks/long_texts.py [--lengths 50000 100000 200000]

Prints the table of docs/text.md. Models and encoder answer at once; each row is a process of its
own, whose growth in memory is what the document takes.
"""

import argparse
import asyncio
import multiprocessing
import resource
import time
from collections.abc import Callable, Mapping

from support.pipelines import pipeline

from ner_core.testing import RuleEngine
from ner_core.types import Document

TEXTS: Mapping[str, Callable[[int], str]] = {
    "prose": lambda n: ("Ada Kern left Varna on Friday, and the rain went on and on. " * n)[:n],
    "one sentence": lambda n: ("Ada Kern, who left Varna, and " * n)[:n],
    "one word": lambda n: "x" * n,
    "one Chinese word": lambda n: "北" * n,
    "one Korean word": lambda n: "김" * n,
    "a letter with marks": lambda n: "e" + "\u0301" * (n - 1),
    "full stops": lambda n: (". " * n)[:n],
    "character references": lambda n: ("&amp;" * n)[:n],
    "names alone, 20,000 in 200,000": lambda n: " ".join(f"Name{i:05}" for i in range(n // 10)),
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lengths", nargs="+", type=int, default=[50_000, 100_000, 200_000])
    lengths = parser.parse_args().lengths
    print(f"| text | {' | '.join(f'{n:,} characters' for n in lengths)} |")
    print("|---" * (len(lengths) + 1) + "|")
    spawned = multiprocessing.get_context("spawn")
    for name in TEXTS:
        cells = []
        for length in lengths:
            with spawned.Pool(1) as process:
                seconds, megabytes = process.apply(_measured, (name, length))
            cells.append(f"{seconds:.1f} s, {megabytes:.0f} MB")
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def _measured(name: str, length: int) -> tuple[float, float]:
    return asyncio.run(_tagged(TEXTS[name](length)))


async def _tagged(text: str) -> tuple[float, float]:
    """Return seconds of processor time, and by how many megabytes the process grew."""
    asking = await pipeline(RuleEngine("a"), verify="off")
    await asking.tag(Document("first", "Ada Kern left Varna."))
    before, began = _megabytes(), time.process_time()
    await asking.tag(Document("long", text))
    return time.process_time() - began, _megabytes() - before


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


if __name__ == "__main__":
    main()
