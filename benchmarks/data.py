"""Evaluation files read: JSON lines with ``text`` and ``entities``, plain or gz."""

import gzip
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson

from ner_core.labels import EntityType, LabelSet
from ner_core.types import NONE, Demonstration, Span, TypedSpan

_WORDS = re.compile(r"\w+")
_SPELLED = {
    "loc": "location",
    "org": "organization",
    "per": "person",
    "politicalparty": "political party",
    "creative-work": "creative work",
    "academicjournal": "academic journal",
    "astronomicalobject": "astronomical object",
    "chemicalcompound": "chemical compound",
    "chemicalelement": "chemical element",
    "musicalartist": "musical artist",
    "musicalinstrument": "instrument",
    "musicgenre": "genre",
    "literarygenre": "genre",
    "misc": "miscellaneous",
    "programlang": "programming language",
}


def read(path: Path, label_set: str) -> list[Demonstration]:
    """Give the sentences of a file; nested entities are dropped, the outermost kept."""
    content = path.read_bytes()
    lines = (gzip.decompress(content) if path.suffix == ".gz" else content).splitlines()
    return [_sentence(orjson.loads(line), label_set) for line in lines]


def _sentence(line: dict, label_set: str) -> Demonstration:
    entities = [
        TypedSpan(Span(e["start"], e["end"]), e.get("label", e.get("type")).lower())
        for e in line["entities"]
    ]
    outermost = tuple(e for e in sorted(entities, key=lambda e: e.span) if not _inside(e, entities))
    return Demonstration(str(line["id"]), line["text"], outermost, label_set)


def _inside(entity: TypedSpan, others: Sequence[TypedSpan]) -> bool:
    return any(
        other.span != entity.span
        and other.span.start <= entity.span.start
        and entity.span.end <= other.span.end
        for other in others
    )


def label_set_of(name: str, sentences: Sequence[Demonstration]) -> LabelSet:
    """Give the types of the demonstrations as a label set."""
    ids = sorted({e.type for s in sentences for e in s.entities} - {NONE})
    return LabelSet(name, tuple(EntityType(i, _SPELLED.get(i, i), "") for i in ids))


def sample(sentences: Sequence[Demonstration], number: int, seed: int) -> list[Demonstration]:
    """Give a seeded sample of the sentences of 3 to 400 characters."""
    fitting = [s for s in sentences if 3 <= len(s.text) <= 400]  # noqa: PLR2004 - as stated
    random.Random(seed).shuffle(fitting)  # noqa: S311 - a sample, no secrets
    return fitting[:number]


def pool_without(
    pool: Sequence[Demonstration], queries: Sequence[Demonstration], *, number: int, seed: int
) -> list[Demonstration]:
    """Give pool sentences of 15 to 220 characters that are near none of the queries."""
    seen = [_grams(q.text) for q in queries]
    fitting = [d for d in pool if 15 <= len(d.text) <= 220]  # noqa: PLR2004 - as stated
    random.Random(seed).shuffle(fitting)  # noqa: S311 - a sample, no secrets
    return list(_distinct(fitting, seen))[:number]


def _distinct(
    pool: Sequence[Demonstration], seen: Sequence[frozenset[str]]
) -> Iterator[Demonstration]:
    for demonstration in pool:
        grams = _grams(demonstration.text)
        if not any(len(grams & other) > 0.5 * min(len(grams), len(other)) for other in seen):
            yield demonstration


def _grams(text: str) -> frozenset[str]:
    words = _WORDS.findall(text.lower())
    return frozenset(" ".join(words[i : i + 3]) for i in range(max(1, len(words) - 2)))
