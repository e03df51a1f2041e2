"""Does the verifier tell right from wrong? Forms of stage 4 on rightly and wrongly typed spans.

    .venv/bin/python benchmarks/verifier.py --data FOLDER [--sets NAME …] [--spans 50]

Needs running engines of the ensemble (``tagwire gpu-worker``). Of gold spans, one half keeps its
type and the other half gets another one. Prints how many of each the verifier passes, and the
AUC (0.5: no better than chance) of three signals: P(yes) of the ``Check:`` line, P(type) of
stage 3, and P(type) / (P(type) + P(none)) of stage 3.
"""

import argparse
import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from rich.progress import track
from sets import REPORTED, SETS, job

from ner_core.engines import Connected, connect
from ner_core.ensemble import Ensemble, load_ensemble
from ner_core.labels import LabelSet
from ner_core.pool.pool import build_pool
from ner_core.prompts.parsing import parse_choice
from ner_core.prompts.templates import prompts_of
from ner_core.stages.classification import classify_question
from ner_core.stages.journal import Journal
from ner_core.stages.member import Member
from ner_core.stages.retrieval import retrieve
from ner_core.stages.verification import Candidate, verify
from ner_core.stores.redis import RedisStore
from ner_core.text.candidate_spans import rough_spans
from ner_core.types import NONE, Demonstration, Sentence
from streams.evaluation.tasks import task_of

SIGNALS = ("yes", "type", "odds")


@dataclass(frozen=True)
class Judged:
    """A typed span, whether its type is right, and what each signal said."""

    right: bool
    passed: bool
    signals: dict[str, float]


def auc(judged: Sequence[Judged], signal: str) -> float:
    """Return the chance that a right span gets a higher signal than a wrong one."""
    right = [j.signals[signal] for j in judged if j.right]
    wrong = [j.signals[signal] for j in judged if not j.right]
    wins = sum((r > w) + 0.5 * (r == w) for r, w in product(right, wrong))
    return wins / max(1, len(right) * len(wrong))


def typed(queries: Sequence[Demonstration], labels: LabelSet, spans: int) -> list:
    """Return (query, span, type, right) in turn right and wrong, seeded."""
    chance = random.Random(0)  # noqa: S311 - a sample, no secrets
    found = [(q, e) for q in queries for e in q.entities if e.type in labels.ids]
    chance.shuffle(found)
    ids = sorted(labels.ids)
    return [
        (q, e.span, e.type if i % 2 else chance.choice([x for x in ids if x != e.type]), i % 2)
        for i, (q, e) in enumerate(found[: 2 * spans])
    ]


async def judge(member: Member, item) -> Judged:
    """Ask the verifier about one typed span in every form."""
    query, span, kind, right = item
    sentence = Sentence("text", 0, 0, query.text)
    surface = query.text[span.start : span.end]
    candidate = Candidate(sentence, surface, kind)
    verdict = (await verify(member, [candidate], threshold=member.modes.verify_threshold))[
        candidate
    ]
    [answer] = await member.ask(
        "classify", [sentence], lambda: [classify_question(member, sentence, surface)]
    )
    said = parse_choice(answer.text, (*member.labels.names, NONE))
    probable = answer.probabilities or {said or NONE: 1.0}
    p_type = probable.get(member.labels.name_of(kind), 0.0)
    odds = p_type / max(1e-9, p_type + probable.get(NONE, 0.0))
    signals = {"yes": verdict.yes, "type": p_type, "odds": odds}
    return Judged(bool(right), verdict.verified is not False, signals)


async def measure(
    connected: Connected, ensemble: Ensemble, data: Path, name: str, spans: int
) -> list[Judged]:
    """Return the judgments of the ensemble's verifier on one set."""
    path, choice = job(data, name)
    task = task_of(path, replace(choice, limit=None))
    pool = await build_pool(task.pool, embedder=connected.embedder)
    backbone = next(b for b in ensemble.backbone if b.name == ensemble.verifier)
    shelf = pool.shelves[task.labels.id]
    judged = []
    for item in track(typed(task.queries, task.labels, spans), name):
        text, modes = item[0].text, ensemble.modes
        demonstrations = await retrieve(
            [Sentence("text", 0, 0, text)],
            {0: rough_spans(text)},
            shelf=shelf,
            embedder=connected.embedder,
            modes=modes,
        )
        member = Member(
            backbone=backbone,
            engine=connected.engines[backbone.name],
            labels=task.labels,
            modes=modes,
            prompts=prompts_of(ensemble.prompts),
            demonstrations=demonstrations,
            journal=Journal(),
        )
        judged.append(await judge(member, item))
    return judged


def row(name: str, model: str, judged: Sequence[Judged]) -> str:
    """Return one line of the table."""
    right = [j.passed for j in judged if j.right]
    wrong = [j.passed for j in judged if not j.right]
    figures = " | ".join(f"{auc(judged, signal):.2f}" for signal in SIGNALS)
    return (
        f"| {name} | {model} | {sum(right)} of {len(right)} | {sum(wrong)} of {len(wrong)} "
        f"| {figures} |"
    )


async def main(options: argparse.Namespace) -> None:
    """Measure the sets that were asked for, and print the table."""
    ensemble = load_ensemble(options.ensemble)
    print("| set | verifier | right passed | wrong passed | AUC P(yes) | AUC P(type) | AUC odds |")
    print("|---|---|---|---|---|---|---|")
    async with connect(ensemble, store=RedisStore(options.redis)) as connected:
        for name in options.sets:
            judged = await measure(connected, ensemble, options.data, name, options.spans)
            print(row(name, ensemble.verifier, judged))


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--ensemble", type=Path, default=Path("models/embedded.toml"))
    parser.add_argument("--sets", nargs="+", default=list(REPORTED), choices=list(SETS))
    parser.add_argument("--spans", type=int, default=50)
    parser.add_argument("--redis", default="redis://127.0.0.1:6379/0")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main(options()))
