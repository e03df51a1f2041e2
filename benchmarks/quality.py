"""How good is it? Strict micro-F1 of the ensemble, its members, one call, and rules.

    .venv/bin/python benchmarks/quality.py --data FOLDER [--sets NAME …] [--output FILE]

Needs running engines of the ensemble (``tagwire gpu-worker``). Prints a Markdown table.
"""

import argparse
import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import orjson
from data import label_set_of, pool_without, read, sample
from rich.progress import track

from ner_core.engines import Connected, connect
from ner_core.ensemble import Ensemble, load_ensemble
from ner_core.evaluation import Score, interval, score
from ner_core.labels import LabelSet
from ner_core.pipeline import Pipeline
from ner_core.pool import build_pool
from ner_core.rough import rough_spans
from ner_core.stores.redis import RedisStore
from ner_core.types import NONE, Demonstration, Document, StageCounts, TaggedDocument

Found = set[tuple[int, int, str]]


@dataclass(frozen=True)
class Task:
    """A test file, the pool its demonstrations come from, and the size of the sample."""

    test: str
    pool: str
    sentences: int


TASKS = {
    "wnut17.test": Task("wnut17.test", "wnut17.train", 100),
    "uner_en_ewt.test": Task("uner_en_ewt.test", "uner_en_ewt.dev", 100),
    "crossner_politics.dev": Task("crossner_politics.dev", "crossner_politics.train", 40),
    "wnut17.dev": Task("wnut17.dev", "wnut17.train", 60),
    "gum_open.dev": Task("gum_open.dev", "gum_open.train", 60),
    "btc_merged.dev": Task("btc_merged.dev", "btc_merged.train", 60),
    "crossner_science.dev": Task("crossner_science.dev", "crossner_science.train", 40),
    "crossner_music.dev": Task("crossner_music.dev", "crossner_music.train", 40),
}
REPORTED = ("wnut17.test", "uner_en_ewt.test", "crossner_politics.dev")


@dataclass
class Outcome:
    """Scores by row, a score per sentence, and what the run cost."""

    rows: dict[str, list[Score]] = field(default_factory=dict)
    spans: dict[str, list[Score]] = field(default_factory=dict)
    verdicts: Counter[tuple[bool, bool]] = field(default_factory=Counter)
    tokens: StageCounts = field(default_factory=StageCounts)
    stages: dict[str, StageCounts] = field(default_factory=dict)
    seconds: float = 0.0

    def add(self, row: str, gold: Found, predicted: Found) -> None:
        """Score one sentence in one row."""
        self.rows.setdefault(row, []).append(score(gold, predicted))
        bare = ({x[:2] for x in gold}, {x[:2] for x in predicted})
        self.spans.setdefault(row, []).append(score(*bare))


def gold_of(sentence: Demonstration) -> Found:
    """Gold entities as (start, end, type)."""
    return {(e.span.start, e.span.end, e.type) for e in sentence.entities}


def by_rules(text: str, commonest: str) -> Found:
    """Capitalised runs, all of the commonest type."""
    found = [s for s in rough_spans(text) if text[s.start].isupper()]
    return {(s.start, s.end, commonest) for s in found}


def asked_once(explanation: Iterable[Mapping], model: str, labels: LabelSet) -> Found:
    """Spans and types as one model wrote them in its one extraction answer."""
    listed = [item for part in explanation for item in part["extracted"].get(model, [])]
    return {(s, e, labels.id_of(n)) for s, e, n in listed if labels.id_of(n) not in (None, NONE)}


def alone(explanation: Iterable[Mapping], model: str) -> Found:
    """EL4NER with one backbone: its own spans, its own vote."""
    found: Found = set()
    for part in explanation:
        own = {(s, e) for s, e, _ in part["extracted"][model]}
        for start, end, said in part["votes"]:
            kind = said[model]["type"]
            if (start, end) in own and kind not in (None, NONE):
                found.add((start, end, kind))
    return found


def sum_counts(counts: Iterable[StageCounts]) -> StageCounts:
    """Add counts up."""
    total = StageCounts()
    for one in counts:
        total = replace(
            total,
            requests=total.requests + one.requests,
            prompt_tokens=total.prompt_tokens + one.prompt_tokens,
            cached_tokens=total.cached_tokens + one.cached_tokens,
            completion_tokens=total.completion_tokens + one.completion_tokens,
            rejected=total.rejected + one.rejected,
            abstained=total.abstained + one.abstained,
        )
    return total


async def prepared(
    connected: Connected, ensemble: Ensemble, task: Task, data: Path, seed: int
) -> tuple[Pipeline, list[Demonstration], str]:
    """Give the pipeline with the pool of the task, its test sentences, the commonest type."""
    test = read(data / f"{task.test}.jsonl.gz", task.test)
    source = read(data / f"{task.pool}.jsonl.gz", task.test)
    labels = label_set_of(task.test, source)
    queries = sample(test, task.sentences, seed)
    kept = pool_without(source, queries, number=1000, seed=seed)
    pool = await build_pool(kept, embedder=connected.embedder)
    pipeline = Pipeline(
        ensemble=ensemble,
        engines=connected.engines,
        embedder=connected.embedder,
        label_sets={task.test: labels},
        pool=pool,
    )
    commonest = Counter(e.type for d in source for e in d.entities).most_common(1)[0][0]
    return pipeline, queries, commonest


async def run(pipeline: Pipeline, queries: Sequence[Demonstration], commonest: str) -> Outcome:
    """Tag every sentence, a few at a time, and score each row."""
    outcome, began, gate = Outcome(), time.monotonic(), asyncio.Semaphore(6)

    async def tag(query: Demonstration) -> TaggedDocument:
        async with gate:
            document = Document(query.id, query.text, label_set=query.label_set)
            return await pipeline.tag(document, explain=True)

    tasks = [asyncio.create_task(tag(query)) for query in queries]
    counts = []
    for query, task in track(list(zip(queries, tasks, strict=True)), queries[0].label_set):
        tagged = await task
        counts.append(tagged.counts)
        _score(outcome, query, tagged, pipeline, commonest)
    outcome.seconds = time.monotonic() - began
    outcome.tokens = sum_counts(c for one in counts for c in one.values())
    stages = {stage for one in counts for stage, _ in one}
    outcome.stages = {
        s: sum_counts(c for one in counts for (stage, _), c in one.items() if stage == s)
        for s in sorted(stages)
    }
    return outcome


def _score(
    outcome: Outcome, query: Demonstration, tagged: TaggedDocument, pipeline: Pipeline, common: str
) -> None:
    gold, labels = gold_of(query), pipeline.label_sets[query.label_set]
    found = {(e.span.start, e.span.end, e.type) for e in tagged.entities}
    outcome.add("ensemble", gold, found)
    outcome.add("rules", gold, by_rules(query.text, common))
    for model in pipeline.engines:
        outcome.add(f"{model} alone", gold, alone(tagged.explanation or (), model))
        outcome.add(
            f"{model} asked once", gold, asked_once(tagged.explanation or (), model, labels)
        )


def table(name: str, outcome: Outcome) -> str:
    """Give one set's rows as Markdown."""
    lines = []
    for row in sorted(outcome.rows):
        total = sum(outcome.rows[row], Score(0, 0, 0))
        spans = sum(outcome.spans[row], Score(0, 0, 0))
        low, high = interval(outcome.rows[row])
        lines.append(
            f"| {name} | {row} | {100 * total.precision:.1f} | {100 * total.recall:.1f} "
            f"| {100 * total.f1:.1f} | {100 * low:.1f} to {100 * high:.1f} "
            f"| {100 * spans.f1:.1f} |"
        )
    return "\n".join(lines)


def costs(name: str, outcome: Outcome) -> str:
    """Give what a set cost, in one line."""
    t, n = outcome.tokens, len(next(iter(outcome.rows.values())))
    return (
        f"{name}: {n} sentences, {outcome.seconds:.0f} s; "
        f"per sentence {t.requests / n:.1f} requests, "
        f"{t.prompt_tokens / n:.0f} prompt tokens ({t.cached_tokens / max(1, t.prompt_tokens):.0%} "
        f"cached), {t.completion_tokens / n:.0f} written; rejected {t.rejected}, "
        f"abstained {t.abstained}"
    )


async def main(options: argparse.Namespace) -> None:
    """Measure the sets that were asked for, and print the tables."""
    ensemble = load_ensemble(options.ensemble)
    changes = {"units": "fields", **orjson.loads(options.modes)}
    ensemble = ensemble.model_copy(update={"modes": ensemble.modes.model_copy(update=changes)})
    store = RedisStore(options.redis)
    head = "| set | row | P | R | F1 | 95 % interval | span F1 |\n|---|---|---|---|---|---|---|"
    async with connect(ensemble, store=store) as connected:
        bodies, notes = [], []
        for name in options.sets:
            task = TASKS[name]
            if options.limit:
                task = replace(task, sentences=options.limit)
            outcome = await run(*await prepared(connected, ensemble, task, options.data, 0))
            bodies.append(table(name, outcome))
            notes.append(costs(name, outcome))
            for stage, c in outcome.stages.items():
                share = f"{c.cached_tokens / max(1, c.prompt_tokens):.0%} cached"
                notes.append(f"  {stage}: {c.requests} requests, {c.prompt_tokens} tokens, {share}")
            print(bodies[-1], *notes[-4:], sep="\n")
    print(head, *bodies, "", *notes, sep="\n")


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--ensemble", type=Path, default=Path("models/embedded.toml"))
    parser.add_argument("--sets", nargs="+", default=list(REPORTED), choices=list(TASKS))
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--modes", default="{}", help="modes to change, as JSON")
    parser.add_argument("--redis", default="redis://127.0.0.1:6379/0")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main(options()))
