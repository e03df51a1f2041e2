"""Demonstrations per sentence, per document, or both? On the annotated articles of the sample feed.

    .venv/bin/python benchmarks/scopes.py [--articles 12] [--ensemble FILE] [--ways WAY …]

Engines must run (``tagwire gpu-worker``); nothing is taken from a store.
"""

import argparse
import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

from ner_core.concurrency import all_of
from ner_core.evaluation.scores import figures
from ner_core.modes import Modes
from ner_core.pipeline import Pipeline
from ner_core.types import Document
from streams.client.files import Line, read_lines
from streams.client.offline import fill_pool
from streams.local.demo import FEED, GOLD, read_gold
from streams.pipeline_factory import connect
from streams.settings import load_settings

WAYS: Mapping[str, Mapping[str, object]] = {
    "8-per-document": {"demonstration_scope": "document"},
    "6-per-document-2-per-sentence": {"shared_demonstrations": 6},
    "5-per-document-3-per-sentence": {"shared_demonstrations": 5},
    "3-per-sentence": {"demonstrations": 3},
    "8-per-sentence": {},
}


def main() -> None:
    """Tag the articles in several ways, and print what it gave and cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=12)
    parser.add_argument("--ensemble", type=Path, default=Path("models/embedded.toml"))
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=list(WAYS))
    options = parser.parse_args()
    asyncio.run(_measure(options.articles, options.ensemble, options.ways))


async def _measure(articles: int, ensemble: Path, ways: Sequence[str]) -> None:
    settings = load_settings(redis_url="", ensemble=ensemble)
    lines = [entry for entry in read_lines(str(FEED)) if isinstance(entry, Line)][:articles]
    documents = [_document(orjson.loads(line.value)) for line in lines]
    print("| demonstrations | sentences | P | R | F1 | 95 % | computed tokens | seconds |")
    print("|---" * 8 + "|")
    async with connect(settings) as adapters:
        await fill_pool(adapters.pipeline, settings)
        usual = adapters.pipeline.ensemble.modes
        for way in ways:
            changed = {"demonstration_scope": "sentence", **WAYS[way]}
            modes = usual.model_copy(update=changed)
            print(f"| {way} | {await _row(adapters.pipeline, modes, documents)} |", flush=True)


async def _row(pipeline: Pipeline, modes: Modes, documents: list[Document]) -> str:
    pipeline = pipeline.with_ensemble(pipeline.ensemble.model_copy(update={"modes": modes}))
    gold, began = read_gold(GOLD), time.monotonic()
    tagged = await all_of(pipeline.tag(document) for document in documents)
    seconds = time.monotonic() - began
    found = [
        {(e.span.start, e.span.end, f"{e.field} {e.type}") for e in one.entities} for one in tagged
    ]
    wanted = [{(s, e, f"{field} {kind}") for field, s, e, kind in gold[d.id]} for d in documents]
    told = figures(list(zip(wanted, found, strict=True)))
    spent = [counts for one in tagged for counts in one.counts.values()]
    computed = sum(counts.prompt_tokens - counts.cached_tokens for counts in spent)
    cells = [
        sum(one.sentences for one in tagged),
        *(told.precision, told.recall, told.f1, f"{told.low} to {told.high}"),
        *(computed, round(seconds)),
    ]
    return " | ".join(map(str, cells))


def _document(fields: dict[str, str]) -> Document:
    return Document(fields["id"], fields["text"], fields.get("title", ""))


if __name__ == "__main__":
    main()
