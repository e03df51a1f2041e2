"""News items of ninjs 3.1 (IPTC), with the entities that were found in them."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import quote

from ner_core.version import __version__
from streams.export.exported import WITHOUT_TEXT, Exported
from streams.export.tagged import Tagged
from streams.wire.codec import encode
from streams.wire.entities import EntitiesRecord
from streams.wire.ninjs import PASSED_ON, URN

_STANDARD = {
    "name": "ninjs",
    "version": "3.1",
    "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#",
}
_ARRAYS = {
    "person": "people",
    "organization": "organisations",
    "group": "organisations",
    "location": "places",
    "event": "events",
    "product": "objects",
}
"""Where entities of known types are listed besides ``subjects``."""

_ABSOLUTE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:\S+")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


class _Subject(NamedTuple):
    """A name in an item; ``known`` has its ``uri``, ``weight`` its ``relevance``, if any."""

    name: str
    type: str
    score: float
    known: dict[str, str]
    weight: dict[str, int]


def ninjs(documents: Sequence[Tagged]) -> Exported:
    """Return a line for each item.

    ``subjects`` has each group once, with the highest score of its entities as ``confidence``
    and its prominence as ``relevance`` (0 to 100), and its key as ``uri`` if that is one. Of a
    record without groups it has each surface and type. People, organizations, places, events
    and objects are listed by name as well.
    """
    exported = Exported(b"".join(encode(_item(document)) + b"\n" for document in documents))
    without = sum(document.text is None for document in documents)
    exported.left_out[f"{WITHOUT_TEXT} (items without body)"] = without
    return exported


def _item(document: Tagged) -> dict[str, object]:
    record = document.record
    item: dict[str, object] = {
        "uri": _uri(record.document_id),
        "standard": _STANDARD,
        "type": "text",
        **_passed_on(record),
    }
    if record.language:
        item["language"] = record.language
    if record.source:
        item["infoSources"] = [{"name": record.source}]
    if record.title:
        item["headlines"] = [{"value": record.title}]
    if document.text is not None:
        item["bodies"] = [{"charCount": len(document.text), "value": document.text}]
    return item | _entities(record)


def _uri(document_id: str) -> str:
    """Return the id; one that is no URI as a URN, which `tagwire send` takes apart again."""
    return document_id if _ABSOLUTE.fullmatch(document_id) else URN + quote(document_id, safe="")


def _passed_on(record: EntitiesRecord) -> dict[str, object]:
    """Return what came with an item of ninjs, or the time that the document states."""
    stated = (record.metadata or {}).get("ninjs")
    came = {k: stated[k] for k in PASSED_ON if k in stated} if isinstance(stated, dict) else {}
    if record.published_at and _TIME.fullmatch(record.published_at):
        return {"versionCreated": record.published_at, **came}
    return came


def _entities(record: EntitiesRecord) -> dict[str, list[dict[str, object]]]:
    listed: dict[str, list[dict[str, object]]] = defaultdict(list)
    for subject in _subjects(record):
        literal = f"{subject.type}:{subject.name}"
        named: dict[str, object] = {"name": subject.name, "rel": "mentions", "literal": literal}
        named |= subject.known
        if subject.type in _ARRAYS:
            listed[_ARRAYS[subject.type]].append(named)
        made = {"creator": f"Tagwire {__version__}", "confidence": round(100 * subject.score)}
        listed["subjects"].append(named | made | subject.weight)
    return listed


def _subjects(record: EntitiesRecord) -> Iterator[_Subject]:
    """Yield a subject for each group; without groups, for each surface and type."""
    for group in record.groups or ():
        score = max(record.entities[place].score for place in group.mentions)
        known = {"uri": group.key} if group.key and _ABSOLUTE.fullmatch(group.key) else {}
        weight = {"relevance": round(100 * group.prominence)}
        yield _Subject(group.name, group.type, score, known, weight)
    if record.groups is None:
        best: dict[tuple[str, str], float] = {}
        for e in record.entities:
            best[e.text, e.type] = max(e.score, best.get((e.text, e.type), 0))
        for (name, kind), score in best.items():
            yield _Subject(name, kind, score, {}, {})
