"""Asks the ensemble about every sentence or document of labeled files, each once."""

import asyncio
import hashlib
import time
from dataclasses import asdict

import orjson

from ner_core import __version__
from ner_core.concurrency import all_of
from ner_core.ensemble import Ensemble
from ner_core.fingerprint import rules_of
from ner_core.pipeline import Pipeline
from ner_core.pool.pool import Pool, build_pool, version_of
from ner_core.prompts.templates import prompts_of
from ner_core.text.sentences import SPLITTER
from ner_core.types import Demonstration, Document
from streams.client.patience import Patience
from streams.evaluation.answer_log import AnswerLog
from streams.evaluation.tasks import Task
from streams.terminal import Progress

_AT_ONCE = 24


def asked_as(task: Task, ensemble: Ensemble) -> Ensemble:
    """Return the ensemble that a file is asked with: a sentence is one unit, a document is split.

    A document is split into sentences as in the stream. Stacks of other label sets are left out.
    """
    stack = ensemble.stack_of(task.labels.id)
    changes: dict[str, object] = {"stacks": {task.labels.id: stack} if stack else {}}
    if task.by == "sentence":
        changes["modes"] = ensemble.modes.model_copy(update={"units": "fields"})
    return ensemble.model_copy(update=changes)


def keys(task: Task, ensemble: Ensemble) -> list[str]:
    """Return a key for every query: a hash of all that decides its answer, except the engines.

    Scores are stored raw, so a calibration decides nothing. A sentence and a document of one
    sentence have different keys.
    """
    asked = asked_as(task, ensemble).model_dump(mode="json", exclude={"calibration"})
    shared = [
        *(__version__, prompts_of(ensemble.prompts).version, asked),
        *(SPLITTER, *rules_of(ensemble, task.labels.id)),
        [asdict(kind) for kind in task.labels.types],
        version_of(task.pool, ensemble.modes.candidate_spans),
        *([asdict(task.labels.lists)] if task.labels.lists else []),
        *(["document"] if task.by == "document" else []),
    ]
    begin = orjson.dumps(shared)
    return [hashlib.sha256(begin + orjson.dumps(q.text)).hexdigest()[:24] for q in task.queries]


async def ask(
    task: Task,
    pipeline: Pipeline,
    answers: AnswerLog,
    progress: Progress,
    patience: Patience | None = None,
) -> None:
    """Tag every query that has no stored answer, and store the answer.

    Raises:
        EngineError: an engine did not answer for as long as there is patience.
        UntaggableError: an engine refuses a query.
    """
    patience = patience or Patience()
    wanted = dict(zip(keys(task, pipeline.ensemble), task.queries, strict=True))
    missing = {key: query for key, query in wanted.items() if key not in answers}
    if not missing:
        return
    shown = f"{len(task.pool)} demonstrations to choose from"
    progress.log(task.name, f"{len(missing)} of {len(wanted)} {task.by}s to ask, {shown}")
    own = await _pipeline(task, pipeline)
    gate, began, done = asyncio.Semaphore(_AT_ONCE), time.monotonic(), 0

    async def one(key: str, query: Demonstration) -> None:
        nonlocal done
        async with gate:
            answer = await patience.tag(query.id, lambda: _answer(own, task, query))
            answers.add(key, answer)
        done += 1
        left_s = (time.monotonic() - began) / done * (len(missing) - done)
        progress.update(task.name, done, len(missing), f"{left_s:.0f} s left")

    await all_of(one(key, query) for key, query in missing.items())


async def _pipeline(task: Task, pipeline: Pipeline) -> Pipeline:
    """Return the pipeline with the pool and label set of one file."""
    ensemble = asked_as(task, pipeline.ensemble)
    pool: Pool = await build_pool(task.pool, embedder=pipeline.embedder, modes=ensemble.modes)
    return Pipeline(
        ensemble=ensemble,
        engines=pipeline.engines,
        embedder=pipeline.embedder,
        label_sets={task.labels.id: task.labels},
        pool=pool,
    )


async def _answer(pipeline: Pipeline, task: Task, query: Demonstration) -> dict[str, object]:
    """Return everything a report may need about one query, whatever rows it has."""
    began = time.monotonic()
    document = Document(query.id, query.text, label_set=task.labels.id)
    tagged = await pipeline.tag(document, explain=True)
    parts = tagged.explanation or ()
    return {
        "text": query.text,
        "parts": [{what: part[what] for what in ("extracted", "votes")} for part in parts],
        "entities": [
            [e.span.start, e.span.end, e.type, e.score, e.verified] for e in tagged.entities
        ],
        "counts": [[s, m, asdict(c)] for (s, m), c in tagged.counts.items()],
        "seconds": round(time.monotonic() - began, 3),
        "fingerprint": tagged.fingerprint,
    }
