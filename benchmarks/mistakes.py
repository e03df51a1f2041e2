"""Right or wrong? The adapted ensemble on sentences that its adapters were not trained on.

    .venv/bin/python benchmarks/mistakes.py --data FOLDER [--sentences 300] [--output FOLDER]

Writes what was found beside the truth to ``judged.jsonl``, for the verifier to be trained on and
for the stack to be fitted to. Nothing of a reported sample is in it, and nothing of politics or
literature. Answers are stored: an interrupted run resumes.
"""

import argparse
import asyncio
from collections.abc import Iterator
from pathlib import Path

from sets import LABEL_SETS, POOL_SENTENCES, REPORTED, Set, job

from ner_core.evaluation.mistakes import Judged, write_judged
from ner_core.evaluation.scores import outermost
from streams.evaluation.asking import keys
from streams.evaluation.runs import Run, evaluate
from streams.evaluation.tasks import Choice, Task, task_of

ENSEMBLE = Path("models/adapted.toml")
SETS = {
    "wnut17.dev": Set("wnut17.train", "wnut17", 300),
    "gum_open.dev": Set("gum_open.train", "gum_open", 300),
    "btc_merged.dev": Set("btc_merged.train", "btc_merged", 300),
    "crossner_science.dev": Set("crossner_science.train", "crossner_science", 300),
    "fewnerd_inter.test": Set("fewnerd_inter.test", "fewnerd_inter", 300),
}
_SEED = 1
"""Not that of the reported samples."""


def main() -> None:
    """Ask about the sentences without a stored answer, and write what is known of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sentences", type=int, default=300, help="of each set")
    parser.add_argument("--output", type=Path, default=Path("evaluation"))
    options = parser.parse_args()
    jobs = [_job(options.data, name, options.sentences) for name in SETS]
    (run,) = asyncio.run(evaluate(jobs, ENSEMBLE, options.output))
    judged = [one for task in run.tasks for one in _judged(task, run, options.data)]
    write_judged(options.output / "judged.jsonl", judged)
    print(f"{len(judged)} sentences, {sum(len(one.cases) for one in judged)} spans to judge")


def _job(data: Path, name: str, sentences: int) -> tuple[Path, Choice]:
    one = SETS[name]
    choice = Choice(
        demonstrations=data / f"{one.pool}.jsonl.gz",
        labels=LABEL_SETS / f"{one.labels}.toml",
        limit=sentences,
        seed=_SEED,
        pool=POOL_SENTENCES,
    )
    return data / f"{name}.jsonl.gz", choice


def _judged(task: Task, run: Run, data: Path) -> Iterator[Judged]:
    """Yield the sentences of a task that are in no reported sample."""
    reported = _reported(task.name, data)
    empty = sum(not one.entities for one in task.pool) / max(1, len(task.pool))
    for key, query in zip(keys(task, run.ensemble), task.queries, strict=True):
        if query.text not in reported:
            answer = run.answers[key]
            gold = {(e.span.start, e.span.end, e.type) for e in query.entities}
            yield Judged(
                set=task.name,
                labels=task.labels,
                text=query.text,
                gold=frozenset(outermost(gold)),
                entities=[(s, e, kind, score) for s, e, kind, score, _ in answer["entities"]],
                parts=answer["parts"],
                empty_share=empty,
            )


def _reported(name: str, data: Path) -> frozenset[str]:
    if name not in REPORTED:
        return frozenset()
    return frozenset(query.text for query in task_of(*job(data, name)).queries)


if __name__ == "__main__":
    main()
