"""Tagged documents for the tests of what is made from them."""

import json

from streams.export.tagged import Tagged
from streams.wire.documents import DocumentRecord
from streams.wire.entities import EntitiesRecord, content_hash
from support import ROOT

ORIGIN = {"topic": "documents", "partition": 0, "offset": 0, "timestamp_ms": 1_795_641_778_845}


def entity(start, end, kind="person", *, field="text", score=0.5, **more):
    """An entity whose text is filled in by `record`."""
    found = {"field": field, "start": start, "end": end, "type": kind, "score": score}
    return {"verified": None, "votes": {kind: 2}, **found, **more}


def groups(named):
    """Groups from names, types and places of entities, each less prominent than the one before."""
    return [
        {
            "name": name, "type": kind, "mentions": places, "aliases": [],
            "prominence": 1 / (n + 1), "key": None,
        }
        for n, (name, kind, places) in enumerate(named)
    ]  # fmt: skip


def record(document, *entities, warnings=(), **more):
    """The record of a document as it is on the topic."""
    read = DocumentRecord.model_validate(document)
    fields = {"title": read.title or "", "text": read.text}
    found = [{**e, "text": fields[e["field"]][e["start"] : e["end"]]} for e in entities]
    value = {
        "document_id": read.id,
        "content_hash": content_hash(read),
        "fingerprint": "345041175bbe46b0",
        "title": read.title,
        "source": read.source,
        "published_at": read.published_at,
        "language": read.language,
        "label_set": read.label_set or "news",
        "metadata": read.metadata,
        "origin": ORIGIN,
        "entities": found,
        "warnings": list(warnings),
    }
    return EntitiesRecord.model_validate({"schema": "tagwire.entities.v1", **value, **more})


def tagged(text, *entities, **more):
    """A tagged document with a text, and whatever else is named of it."""
    document = {"id": "a", "text": text, **more}
    return Tagged.of(record(document, *entities), DocumentRecord.model_validate(document))


def samples():
    """The sample articles that have gold entities, as if those had been found."""
    documents = map(json.loads, (ROOT / "examples" / "feed.jsonl").read_bytes().splitlines())
    by_id = {document["id"]: document for document in documents}
    for line in (ROOT / "examples" / "gold.jsonl").read_bytes().splitlines():
        gold = json.loads(line)
        found = [
            entity(e["start"], e["end"], e["type"], field=e["field"], score=0.5 + n % 50 / 100)
            for n, e in enumerate(gold["entities"])
        ]
        document = by_id[gold["id"]]
        yield Tagged.of(record(document, *found), DocumentRecord.model_validate(document))
