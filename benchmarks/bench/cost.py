"""Tokens that the prompt layout saves over EL4NER in the paper, one change at a time.

Rows are cumulative: ``naive`` (``bench/naive.py``), then the pipeline with the modes of the paper,
then one mode after the other as models/adapted.toml ships it. The other modes are those of the
file in every row of the pipeline: the pool's vote, votes without bias, the least score, the
threshold of stage 4 and consistency come with its first row. All rows see the same documents,
sentences, pools and models.

Tokens are those that the engines report. The prefix cache is on in every row, and cold when a row
begins: each row of a set sends a salt of its own (``cache_salt``, a field of vLLM's requests that
goes into the hash of a prompt's first block) in ``extra_body``, which any ensemble file may set.
``/reset_prefix_cache`` would do too, but vLLM has it only in development mode. Two things differ
from the service: no answer comes from a store, and every prompt is sent alone, because for a list
vLLM reports only the cached tokens of the last prompt. Documents are tagged one after
another, so that what a document asks twice is still in the cache.

The tables and their data are in ``--output``; an interrupted run resumes with the row that it was
measuring. Engines that are already running are used; the others are started.
"""

import argparse
import hashlib
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from sets import SETS, job

from bench import naive
from bench.cost_table import NAIVE, Measured, figures_of, lines_of
from bench.results import Result
from bench.tagged import Tagged
from ner_core import engines
from ner_core.engines.cached import CachedEngine
from ner_core.engines.client import OpenAIEngine
from ner_core.ensemble import Ensemble, load_ensemble
from ner_core.pipeline import Pipeline
from ner_core.pool.pool import Pool, build_pool
from ner_core.ports import Embedder, Engine
from ner_core.stores import NullStore
from ner_core.types import Document
from streams.evaluation.answer_log import AnswerLog
from streams.evaluation.asking import asked_as, keys
from streams.evaluation.tasks import Task, task_of
from streams.local.engines import engines_there
from streams.settings import load_settings
from streams.terminal import Progress

ROOT = Path(__file__).parents[2]
ENSEMBLE = ROOT / "models" / "adapted.toml"
DOCUMENTS = ("gum_open.dev", "uner_en_ewt.test")
"""Sets whose files state documents."""
OF_THE_PAPER = {"rough_spans": "models", "demonstration_scope": "sentence"}
ROWS: Mapping[str, Sequence[str]] = {
    NAIVE: [*OF_THE_PAPER],
    "one prefix for all stages": [*OF_THE_PAPER],
    "rough spans by rules": ["demonstration_scope"],
    "demonstrations per document": [],
}
"""The modes that a row has as in the paper."""
TIMEOUT_S = 900.0
"""Of a request: prompts that share nothing wait long for each other."""

Tag = Callable[[Document], Awaitable[Tagged]]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--data", type=Path, required=True, help="folder of the labeled files")
    parser.add_argument("--sentences", type=int, default=150, help="of each set, about")
    parser.add_argument("--sets", nargs="+", default=list(DOCUMENTS), choices=list(SETS))
    parser.add_argument("--output", type=Path, default=ROOT / "evaluation")


async def run(options: argparse.Namespace) -> Result:
    """Ask what has no stored row, and put the rows together."""
    jobs = [job(options.data, name, options.sentences, by="document") for name in options.sets]
    tasks = [task_of(path, choice) for path, choice in jobs]
    log, ensembles = AnswerLog(options.output / "cost.jsonl"), rows_of(load_ensemble(ENSEMBLE))
    if any(key_of(row, t, e) not in log for row, e in ensembles.items() for t in tasks):
        settings = load_settings(ensemble=ENSEMBLE, redis_url="")
        with Progress() as progress:
            async with engines_there(settings, progress):
                await ask(tasks, ensembles, log, progress, host=settings.engine_host)
    measured = {
        row: [Measured.of(t, log[key_of(row, t, ensemble)]) for t in tasks]
        for row, ensemble in ensembles.items()
    }
    text = "\n".join(lines_of(measured))
    (options.output / "cost.md").write_text(text + "\n", "utf-8")
    chosen = f"--sentences {options.sentences} --sets {' '.join(options.sets)}"
    command = f"make bench BENCH='cost --data FOLDER {chosen}'"
    return Result(text, command, figures_of(measured))


def rows_of(shipped: Ensemble) -> dict[str, Ensemble]:
    """Return the ensemble of each row: as shipped but for the modes that are as in the paper."""
    modes = shipped.modes
    return {
        row: shipped.model_copy(
            update={"modes": modes.model_copy(update={n: OF_THE_PAPER[n] for n in names})}
        )
        for row, names in ROWS.items()
    }


def key_of(row: str, task: Task, ensemble: Ensemble) -> str:
    """Return a hash of all that decides a row of a set, except the engines."""
    own = Path(naive.__file__).read_bytes() if row == NAIVE else b""
    asked = "\n".join([row, *keys(task, ensemble)]).encode()
    return hashlib.sha256(asked + own).hexdigest()[:24]


async def ask(
    tasks: Sequence[Task],
    ensembles: Mapping[str, Ensemble],
    log: AnswerLog,
    progress: Progress,
    *,
    host: str = "127.0.0.1",
) -> None:
    """Measure the rows that the log does not have, each on cold caches.

    Raises:
        EngineError: an engine gave no answer.
    """
    for task in tasks:
        pool: Pool | None = None
        for row, ensemble in ensembles.items():
            key = key_of(row, task, ensemble)
            if key in log:
                continue
            async with cold(ensemble, host) as (backbones, embedder):
                pool = pool or await build_pool(task.pool, embedder=embedder, modes=ensemble.modes)
                pipeline = Pipeline(
                    ensemble=asked_as(task, ensemble),
                    engines=backbones,
                    embedder=embedder,
                    label_sets={task.labels.id: task.labels},
                    pool=pool,
                )
                log.add(
                    key, await measure(f"{row}, {task.name}", task, way(row, pipeline), progress)
                )


@asynccontextmanager
async def cold(
    ensemble: Ensemble, host: str
) -> AsyncIterator[tuple[Mapping[str, Engine], Embedder]]:
    """Connect to engines that find nothing in their prefix caches and in no store."""
    salt = {"cache_salt": secrets.token_hex(8)}
    backbones = [
        b.model_copy(update={"extra_body": {**b.extra_body, **salt}, "timeout_s": TIMEOUT_S})
        for b in ensemble.backbone
    ]
    salted = ensemble.model_copy(update={"backbone": tuple(backbones)})
    async with engines.connect(salted, store=NullStore(), host=host) as connected:
        yield {name: _bare(e) for name, e in connected.engines.items()}, connected.embedder


def _bare(engine: Engine) -> OpenAIEngine:
    """Return the engine without the store before it, and with every prompt in a request."""
    assert isinstance(engine, CachedEngine)  # noqa: S101 - what connect returns
    assert isinstance(engine.engine, OpenAIEngine)  # noqa: S101
    return replace(engine.engine, features={**engine.engine.features, "prompt_lists": False})


def way(row: str, pipeline: Pipeline) -> Tag:
    """Return how a row tags a document."""

    async def by_pipeline(document: Document) -> Tagged:
        tagged = await pipeline.tag(document)
        found = frozenset((e.span.start, e.span.end, e.type) for e in tagged.entities)
        return Tagged(found, frozenset(), tagged.counts)

    async def by_reference(document: Document) -> Tagged:
        return await naive.tag(pipeline, document)

    return by_reference if row == NAIVE else by_pipeline


async def measure(name: str, task: Task, tag: Tag, progress: Progress) -> dict[str, Any]:
    """Tag the documents of a set one after another; returns what a log keeps."""
    began, tagged = time.monotonic(), []
    for done, query in enumerate(task.queries, 1):
        tagged.append(await tag(Document(query.id, query.text, label_set=task.labels.id)))
        left_s = (time.monotonic() - began) / done * (len(task.queries) - done)
        progress.update(name, done, len(task.queries), f"{left_s:.0f} s left")
    return {
        "row": name,
        "seconds": round(time.monotonic() - began, 1),
        "found": [sorted(each.found) for each in tagged],
        "rejected": [sorted(each.rejected) for each in tagged],
        "counts": [
            [stage, model, asdict(counts)]
            for each in tagged
            for (stage, model), counts in each.counts.items()
        ],
    }
