"""How well are whole articles tagged? Ten of Wikinews, annotated for this project.

    .venv/bin/python benchmarks/wikinews.py articles FEED > articles.jsonl
    .venv/bin/tagwire tag articles.jsonl > records.jsonl
    .venv/bin/python benchmarks/wikinews.py judge FEED records.jsonl

FEED holds Wikinews articles, one object per line: `id`, `title`, `text`. The texts are not part of
this project: `gold/wikinews.jsonl` has places, types, groups and the hash of each text.

A mention is right if field, start, end and type are those of the gold. Mentions that are marked
optional (`Norwegian` in `the Norwegian minister`) count neither for nor against. A main subject is
right if at least half of its mentions are, and none of them has another type.
"""

import argparse
import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Place = tuple[str, int, int]
Row = Mapping[str, Any]
NOT_TAGGED: Row = {"entities": ()}
GOLD = Path(__file__).parent / "gold" / "wikinews.jsonl"


class ChangedArticleError(Exception):
    """The text of an article is not the one that was annotated."""


@dataclass
class Judgement:
    """Counts over articles; ``wrong_subjects`` and ``two_types`` name what to look at."""

    found: int = 0
    right: int = 0
    wanted: int = 0
    verified: int = 0
    verified_right: int = 0
    subjects: int = 0
    wrong_subjects: list[str] = field(default_factory=list)
    two_types: list[str] = field(default_factory=list)

    def add(self, gold: Row, record: Row, article: Row) -> None:
        """Count one article.

        Raises:
            ChangedArticleError: its text is not the one that was annotated.
        """
        text = f"{article['title']}\n{article['text']}"
        if hashlib.sha256(text.encode()).hexdigest() != gold["sha256"]:
            msg = f"{gold['id']}: the text is not the one that was annotated"
            raise ChangedArticleError(msg)
        types = {place(e): e["type"] for e in gold["entities"]}
        optional = {place(e) for e in gold["entities"] if e.get("optional")}
        self._count(record["entities"], types, optional)
        tagged = {place(e): e["type"] for e in record["entities"]}
        self._judge_subjects(gold, tagged, article)
        self._find_two_types(gold["id"], record["entities"], types)

    def _count(
        self, entities: Iterable[Row], types: Mapping[Place, str], optional: set[Place]
    ) -> None:
        for entity in entities:
            if place(entity) in optional:
                continue
            right = types.get(place(entity)) == entity["type"]
            self.found += 1
            self.right += right
            self.verified += entity["verified"] is True
            self.verified_right += right and entity["verified"] is True
        self.wanted += len(types.keys() - optional)

    def _judge_subjects(self, gold: Row, tagged: Mapping[Place, str], article: Row) -> None:
        for group in gold["main"]:
            mentions = [e for e in gold["entities"] if e["group"] == group]
            said = [tagged.get(place(e)) for e in mentions]
            kind = gold["groups"][group]["type"]
            self.subjects += 1
            if 2 * said.count(kind) < len(said) or set(said) - {kind, None}:
                first = mentions[0]
                name = article[first["field"]][first["start"] : first["end"]]
                self.wrong_subjects.append(f"{gold['id']} {name}: {said}")

    def _find_two_types(
        self, name: str, entities: Iterable[Row], types: Mapping[Place, str]
    ) -> None:
        """Note surfaces with two types, unless the gold has two for them."""
        tagged, wanted = defaultdict(set), defaultdict(set)
        for entity in entities:
            tagged[entity["text"]].add(entity["type"])
            wanted[entity["text"]].add(types.get(place(entity), entity["type"]))
        for surface, kinds in tagged.items():
            if len(kinds) > 1 and kinds != wanted[surface]:
                self.two_types.append(f"{name} {surface}: {', '.join(sorted(kinds))}")

    def report(self) -> str:
        """Return the figures, and what to look at."""
        precision, recall = self.right / max(self.found, 1), self.right / max(self.wanted, 1)
        f1 = 2 * precision * recall / max(precision + recall, 1e-9)
        right = self.subjects - len(self.wrong_subjects)
        lines = [
            f"P {100 * precision:.1f}, R {100 * recall:.1f}, F1 {100 * f1:.1f}",
            f"verified: {self.verified} of {self.found}, {self.verified_right} of them right",
            f"main subjects right: {right} of {self.subjects}",
            *(f"  {line}" for line in self.wrong_subjects),
            f"names with two types: {len(self.two_types)}",
            *(f"  {line}" for line in self.two_types),
        ]
        return "\n".join(lines)


def place(entity: Row) -> Place:
    """Return where an entity is."""
    return entity["field"], entity["start"], entity["end"]


def rows(path: Path, key: str = "id") -> dict[str, Row]:
    """Return the objects of a file of JSON lines, gzip or not, by the value of a key."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        return {row[key]: row for row in map(json.loads, lines)}


def main() -> None:
    """Print the articles, or judge records of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)
    articles = commands.add_parser("articles")
    judge = commands.add_parser("judge")
    articles.add_argument("feed", type=Path)
    judge.add_argument("feed", type=Path)
    judge.add_argument("records", type=Path)
    options = parser.parse_args()
    gold, feed = rows(GOLD), rows(options.feed)
    if "records" not in options:
        for name in gold:
            print(json.dumps({key: feed[name][key] for key in ("id", "title", "text")}))
        return
    judgement, records = Judgement(), rows(options.records, "document_id")
    for name, wanted in gold.items():
        judgement.add(wanted, records.get(name, NOT_TAGGED), feed[name])
    print(judgement.report())


if __name__ == "__main__":
    main()
