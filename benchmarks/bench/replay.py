"""A second pass over the same documents, with the answers of the first one kept in Redis.

Nothing has changed, or a threshold, one model, one demonstration: how many questions are asked,
about which sentences, and how long the pass takes on engines of known speed.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from support.processes import redis_server, running

from bench import texts
from bench.results import Result, table
from ner_core import engines
from ner_core.ensemble import Ensemble
from ner_core.labels import SHIPPED, load_label_sets
from ner_core.pipeline import Pipeline
from ner_core.pool.pool import Pool, build_pool
from ner_core.ports import Answer, Engine, Request, Store
from ner_core.stores import RedisStore
from ner_core.testing import Pace, ScriptedEngine
from ner_core.types import Demonstration, Document, Span, TypedSpan
from streams.host.ports import free_port

MODELS = ("gemma", "smollm2")
AT_ONCE, SERVICE_S = 16, 0.2
HELD = 200
"""Demonstrations in the pool."""
HEAD = (
    "changed since the first pass", "questions asked", *(f"of {model}" for model in MODELS),
    "sentences asked about", "whose demonstrations changed", "seconds", "times as fast",
)  # fmt: skip

Chosen = Mapping[tuple[str, str], tuple[str, ...]]
"""The demonstrations of every sentence, by document and text."""


@dataclass(frozen=True, slots=True)
class Noting:
    """An engine that notes what it is asked."""

    engine: Engine
    asked: list[str] = field(default_factory=list)

    @property
    def model(self) -> str:
        """Name of the backbone."""
        return self.engine.model

    @property
    def revision(self) -> str:
        """Revision of the engine behind."""
        return self.engine.revision

    @property
    def features(self) -> Mapping[str, bool]:
        """Features of the engine behind."""
        return self.engine.features

    async def answer(self, requests: Sequence[Request], *, priority: int = 0) -> list[Answer]:
        """Note the prompts and pass them on."""
        self.asked.extend(str(request.prompt) for request in requests)
        return await self.engine.answer(requests, priority=priority)


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass asked, the sentences it asked about, and how long it took."""

    name: str
    asked: Mapping[str, int]
    about: frozenset[str]
    chosen: Chosen
    wall_s: float

    def changed(self, first: "Pass") -> set[str]:
        """Return the sentences with other demonstrations than in the first pass."""
        return {text for (_, text), ids in self.chosen.items() if first.chosen[_, text] != ids}

    def row(self, first: "Pass") -> tuple[str, ...]:
        """Return the figures of the table."""
        return (
            self.name, str(sum(self.asked.values())), *(str(self.asked[m]) for m in MODELS),
            str(len(self.about)), str(len(self.changed(first))), f"{self.wall_s:.1f}",
            f"{first.wall_s / self.wall_s:.0f}",
        )  # fmt: skip


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--documents", type=int, default=100, help="that are measured")
    parser.add_argument("--seed", type=int, default=1)


async def run(options: argparse.Namespace) -> Result:
    """Run the passes one after another, on the same store."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        port = free_port()
        stack.enter_context(running(redis_server(folder, port)))
        store = RedisStore(f"redis://127.0.0.1:{port}/0")
        stack.push_async_callback(store.close)
        pace = {model: Pace(AT_ONCE, SERVICE_S) for model in MODELS}
        urls = {
            model: (
                await stack.enter_async_context(ScriptedEngine((model,), pace=pace.get(model)))
            ).url
            for model in (*MODELS, "encoder")
        }
        documents = [
            Document(d["id"], d["text"]) for d in texts.documents(options.documents, options.seed)
        ]
        passes = await _passes(urls, store, documents, options.seed)
    rows = [each.row(passes[0]) for each in passes]
    command = f"make bench BENCH='replay --documents {options.documents}'"
    shown = "; ".join(f"{row[0]}: {row[1]} questions, {row[-2]} s, {row[-1]} x" for row in rows)
    last = rows[-1]
    shown += f" ({last[-4]} sentences asked about, demonstrations of {last[-3]} changed)"
    return Result(table(HEAD, rows), command, shown)


async def _passes(
    urls: Mapping[str, str], store: Store, documents: Sequence[Document], seed: int
) -> list[Pass]:
    held = _demonstrations(HELD, seed + 1)
    one_more = [*held, *_demonstrations(1, seed + 2)]
    plain, threshold = _ensemble(urls), _ensemble(urls, verify_threshold=0.6)
    other = _ensemble(urls, other=MODELS[1])
    return [
        await _pass(name, ensemble, pool, store, documents)
        for name, ensemble, pool in (
            ("first pass", plain, held),
            ("nothing", plain, held),
            ("a threshold", threshold, held),
            ("one model", other, held),
            ("one demonstration", plain, one_more),
        )
    ]


async def _pass(
    name: str,
    ensemble: Ensemble,
    demonstrations: Sequence[Demonstration],
    store: Store,
    documents: Sequence[Document],
) -> Pass:
    async with engines.connect(ensemble, store=store) as connected:
        noting: dict[str, Noting] = {}
        behind: dict[str, Engine] = {}
        for model, engine in connected.engines.items():
            noting[model] = Noting(engine.engine)
            behind[model] = replace(engine, engine=noting[model])
        pool: Pool = await build_pool(
            demonstrations, embedder=connected.embedder, modes=ensemble.modes
        )
        pipeline = Pipeline(
            ensemble=ensemble,
            engines=behind,
            embedder=connected.embedder,
            label_sets=load_label_sets(SHIPPED),
            pool=pool,
        )
        began = time.monotonic()
        tagged = await asyncio.gather(*(pipeline.tag(d, explain=True) for d in documents))
        wall_s = time.monotonic() - began
    chosen = {
        (t.document_id, str(seen["text"])): tuple(seen["demonstrations"])
        for t in tagged
        for seen in t.explanation or ()
    }
    asked = {model: len(engine.asked) for model, engine in noting.items()}
    prompts = [prompt for engine in noting.values() for prompt in engine.asked]
    return Pass(name, asked, frozenset(map(_about, prompts)), chosen, wall_s)


def _about(prompt: str) -> str:
    """Return the sentence that a prompt asks about: the last text in it, without brackets."""
    return prompt.rpartition("\nText: ")[2].partition("\n")[0]


def _ensemble(urls: Mapping[str, str], *, other: str = "", **modes: float) -> Ensemble:
    """Return an ensemble; the model ``other`` is another one, as its revision says."""
    backbones = [
        {
            "name": model,
            "style": "pattern",
            "context_tokens": 100_000,
            "url": urls[model],
            "extra_body": {"seed": 1} if model == other else {},
        }
        for model in MODELS
    ]
    return Ensemble.model_validate(
        {
            "name": "replay",
            "verifier": MODELS[0],
            "modes": {"rough_spans": "rules", "demonstrations": 4, "verify": "all", **modes},
            "backbone": backbones,
            "embedder": {"name": "encoder", "url": urls["encoder"]},
        }
    )


def _demonstrations(number: int, seed: int) -> list[Demonstration]:
    """Return annotated sentences: of each document the first, with the words in capitals."""
    made = []
    for document in texts.documents(number, seed):
        text = document["text"].partition(". ")[0] + "."
        words = [word for word in text.split() if word[0].isupper()][1:3]
        starts = sorted({text.index(word) for word in words})
        spans = [Span(start, start + len(text[start:].split()[0].rstrip(".,"))) for start in starts]
        entities = tuple(TypedSpan(span, "person") for span in spans)
        made.append(Demonstration(f"d-{document['id']}", text, entities))
    return made
