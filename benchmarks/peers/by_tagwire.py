"""Named entities by Tagwire: an ensemble asked about the sentences of a task, each on its own."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ner_core import engines
from ner_core.concurrency import all_of
from ner_core.ensemble import Ensemble
from ner_core.errors import TagwireError
from ner_core.evaluation.baselines import Found
from ner_core.evaluation.scores import outermost
from ner_core.pipeline import Pipeline
from ner_core.pool.pool import Pool, build_pool
from ner_core.stores import NullStore
from ner_core.types import Demonstration, Document, TaggedDocument
from peers.answers import AT_ONCE
from streams.evaluation.asking import asked_as
from streams.evaluation.tasks import Task


@dataclass(frozen=True, slots=True)
class Answered:
    """What was found in a sentence, or why nothing could be."""

    found: Found
    failure: str | None = None


async def answered(ensemble: Ensemble, task: Task, ready: Callable[[], None]) -> list[Answered]:
    """Return what an ensemble finds in the queries of a task; ``ready`` is called before the first.

    A failure is a refused question, or an answer of stage 2 that cannot be read at all.
    """
    async with engines.connect(ensemble, store=NullStore()) as connected:
        ready()
        asked = asked_as(task, ensemble)
        pool: Pool = await build_pool(task.pool, embedder=connected.embedder, modes=asked.modes)
        pipeline = Pipeline(
            ensemble=asked,
            engines=connected.engines,
            embedder=connected.embedder,
            label_sets={task.labels.id: task.labels},
            pool=pool,
        )
        gate = asyncio.Semaphore(AT_ONCE)
        return await all_of(_one(pipeline, task, query, gate) for query in task.queries)


async def _one(
    pipeline: Pipeline, task: Task, query: Demonstration, gate: asyncio.Semaphore
) -> Answered:
    document = Document(query.id, query.text, label_set=task.labels.id)
    try:
        async with gate:
            tagged = await pipeline.tag(document)
    except TagwireError as exc:
        return Answered(frozenset(), f"{type(exc).__name__}: {exc}")
    found = counting(task, [(e.span.start, e.span.end, e.type) for e in tagged.entities])
    return Answered(found, "an answer that cannot be read" if _abstained(tagged) else None)


def _abstained(tagged: TaggedDocument) -> bool:
    return any(c.abstained for (stage, _), c in tagged.counts.items() if stage == "extract")


def counting(task: Task, entities: Sequence[tuple[int, int, str]]) -> Found:
    """Return the entities that count: of nested ones the outermost, if the task says so."""
    return frozenset(outermost(entities) if task.nested == "flat" else entities)
