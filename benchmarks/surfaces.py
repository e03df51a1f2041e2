"""How is what models list found in the text? Beginnings of Wikinews articles, before and after.

    .venv/bin/python benchmarks/surfaces.py tag FEED > tagged.jsonl
    git show 3912bca:ner_core/grounding.py > before.py
    .venv/bin/python benchmarks/surfaces.py count tagged.jsonl --before before.py

FEED holds articles, one object per line: `id`, `title`, `text`. `tag` reads the title and the
first sentences of each, without a line that is only a date, with the ensemble of the settings,
whose engines it starts. It writes the entities, and what each model listed for each sentence.
`count` grounds the same lists twice, and checks the borders of the entities by Unicode alone.
"""

import argparse
import asyncio
import gzip
import re
import runpy
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import regex

from ner_core.concurrency import all_of
from ner_core.pipeline import Pipeline
from ner_core.ports import Answer, Engine, Request
from ner_core.prompts.parsing import parse_pairs
from ner_core.text.grounding import ground, how_found
from ner_core.text.sentences import split
from ner_core.types import NONE, Document, Entity, Span
from streams.cli.logs import set_up_logging
from streams.client.offline import fill_pool
from streams.local.engines import engines_there
from streams.pipeline_factory import connect
from streams.settings import load_settings
from streams.terminal import Progress

Row = Mapping[str, Any]
Ground = Callable[[str, str], Sequence[Span]]

_DATE = re.compile(r"\s*\w+day, \w+ \d+, \d{4}\s*")
_ASKED = re.compile(r".*^Text: (?P<text>[^\n]*)\nEntities:", re.DOTALL | re.MULTILINE)
"""A question of stage 2 in style ``pattern``."""
_BORDER = regex.compile(r"\b", regex.WORD)
"""A word border of UAX 29."""
_JOINT = regex.compile(
    r"[\p{Word_Break=MidLetter}\p{Word_Break=MidNumLet}\p{Word_Break=Single_Quote}]"
)
"""It joins letters in UAX 29; here a name may end before an apostrophe, a period or a colon."""
_WORD = re.compile(r"\w+")
_AT_ONCE = 12


@dataclass
class Listening:
    """An engine, and what its model listed: by prompt, the sentence and the last answer."""

    engine: Engine
    listed: dict[str, tuple[str, str]] = field(default_factory=dict)

    def __getattr__(self, name: str) -> object:
        """Return what the engine has."""
        return getattr(self.engine, name)

    async def answer(self, requests: Sequence[Request], *, priority: int = 0) -> list[Answer]:
        """Answer, and note the answers of stage 2."""
        answers = await self.engine.answer(requests, priority=priority)
        for request, answer in zip(requests, answers, strict=True):
            prompt = str(request.prompt)
            if not request.choices and (asked := _ASKED.fullmatch(prompt)):
                self.listed[prompt] = asked["text"], answer.text
        return answers


@dataclass
class Count:
    """Surfaces by how they were found, and those that one way of grounding found alone."""

    kinds: Counter[str] = field(default_factory=Counter)
    places: int = 0

    def add(self, surface: str, spans: Sequence[Span], text: str) -> None:
        """Count a surface that a model listed for a text."""
        how: str = how_found(surface, spans, text)
        self.kinds[how if spans else f"rejected: {why(surface, text)}"] += 1
        self.places += len(spans)


KINDS = (
    "literal",
    "folded",
    "rejected: inside a word",
    "rejected: in another case",
    "rejected: its words apart",
    "rejected: a word that is not in the sentence",
)


def why(surface: str, text: str) -> str:
    """Return how a surface that was rejected differs from its sentence."""
    if surface.strip() in text:
        return "inside a word"
    if surface.strip().casefold() in text.casefold():
        return "in another case"
    found = set(_WORD.findall(text.casefold()))
    apart = found.issuperset(_WORD.findall(surface.casefold()))
    return "its words apart" if apart else "a word that is not in the sentence"


def in_a_word(text: str, at: int) -> bool:
    """Whether an offset is inside a word by Unicode and not beside an apostrophe or the like."""
    inside = not _BORDER.match(text, at) and 0 < at < len(text)
    return inside and not _JOINT.search(text[at - 1 : at + 1])


def surfaces(answer: str) -> list[str]:
    """Return the surfaces that an answer lists, each once, without those of no type."""
    types: dict[str, set[str]] = {}
    for surface, name in parse_pairs(answer).items:
        types.setdefault(surface, set()).add(name)
    return [surface for surface, names in types.items() if names != {NONE}]


def beginnings(feed: Path, sentences: int) -> Iterator[Document]:
    """Yield the title and the first sentences of each article."""
    opened = gzip.open if feed.suffix == ".gz" else open
    with opened(feed, "rb") as lines:
        for row in map(orjson.loads, lines):
            text = _DATE.sub("", row["text"], count=1) if _DATE.match(row["text"]) else row["text"]
            first = split(Document(row["id"], text), max_chars=len(text) + 1, overlap_chars=0)
            last = first[:sentences][-1:]
            end = max((s.start + len(s.text) for s in last), default=0)
            yield Document(row["id"], text[:end], title=row["title"])


async def tag(feed: Path, sentences: int) -> None:
    """Tag the beginnings of articles, and print the entities and what the models listed."""
    settings = load_settings()
    with Progress() as progress:
        async with engines_there(settings, progress), connect(settings, wait=False) as live:
            await fill_pool(live.pipeline, settings)
            pipeline, heard = _listening(live.pipeline)
            documents, gate = list(beginnings(feed, sentences)), asyncio.Semaphore(_AT_ONCE)

            async def one(document: Document) -> None:
                async with gate:
                    tagged = await pipeline.tag(document)
                _print(document, tagged.entities)

            await all_of(map(one, documents))
    for model, engine in heard.items():
        for text, answer in engine.listed.values():
            _write({"model": model, "sentence": text, "answer": answer})


def _listening(pipeline: Pipeline) -> tuple[Pipeline, dict[str, Listening]]:
    heard = {name: Listening(engine) for name, engine in pipeline.engines.items()}
    own = Pipeline(
        ensemble=pipeline.ensemble,
        engines=heard,
        embedder=pipeline.embedder,
        label_sets=pipeline.label_sets,
        pool=pipeline.pool,
    )
    return own, heard


def _print(document: Document, entities: Iterable[Entity]) -> None:
    places = [[e.field, e.span.start, e.span.end, e.type] for e in entities]
    _write({"title": document.title, "text": document.text, "entities": places})


def _write(row: Row) -> None:
    sys.stdout.buffer.write(orjson.dumps(row) + b"\n")


def count(tagged: Path, before: Path, *, each: bool) -> None:
    """Print the table, and how many entities begin or end inside a word."""
    rows = [orjson.loads(line) for line in tagged.read_bytes().splitlines()]
    old: Ground = runpy.run_path(str(before))["ground"]
    was, now = Count(), Count()
    for row in rows:
        for surface in surfaces(row.get("answer", "")):
            text = row["sentence"]
            spans = old(surface, text), ground(surface, text)
            was.add(surface, spans[0], text)
            now.add(surface, spans[1], text)
            if each and (not spans[1] or spans[0] != spans[1]):
                found = [[text[s.start : s.end] for s in way] for way in spans]
                print(f"{surface!r} in {text!r}: {found[0]}, {found[1]}")
    print("| surfaces | before | after |\n|---|---|---|")
    for kind in KINDS:
        print(f"| {kind} | {was.kinds[kind]} | {now.kinds[kind]} |")
    print(f"| places found | {was.places} | {now.places} |")
    cut = list(_cut(rows))
    total = sum(len(row.get("entities", ())) for row in rows)
    print("\n".join([f"{len(cut)} of {total} entities begin or end inside a word", *cut]))


def _cut(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        for name, start, end, kind in row.get("entities", ()):
            text = row[name]
            if in_a_word(text, start) or in_a_word(text, end):
                yield f"  {text[start:end]!r}, {kind}, in {text[max(0, start - 20) : end + 20]!r}"


def main() -> None:
    """Tag the articles, or count what was listed."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True, dest="command")
    tagging, counting = commands.add_parser("tag"), commands.add_parser("count")
    tagging.add_argument("feed", type=Path)
    tagging.add_argument("--sentences", type=int, default=3, help="of the text of each article")
    counting.add_argument("tagged", type=Path)
    counting.add_argument("--before", type=Path, required=True, help="an older grounding.py")
    counting.add_argument("--each", action="store_true", help="print what is rejected or differs")
    options = parser.parse_args()
    set_up_logging(service=False)
    if options.command == "tag":
        asyncio.run(tag(options.feed, options.sentences))
    else:
        count(options.tagged, options.before, each=options.each)


if __name__ == "__main__":
    main()
