"""Tasks for Label Studio, with what was found as predictions."""

from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

from ner_core.types import Field
from streams.export.exported import Exported
from streams.export.tagged import Tagged
from streams.wire.codec import encode
from streams.wire.entities import EntityRecord

DATA_KEY = "tagwire"
"""Of what the import needs, in the data of a task: Label Studio exports it with the task."""

_CONTROL, _OBJECT = "label", "text"


def label_studio(documents: Sequence[Tagged]) -> Exported:
    """Return a JSON array with a task for each field, those first that are most in doubt.

    The score of a task is that of its most doubtful entity: its score, times the share of the
    votes that its type got. Offsets count code points, as Label Studio's own do.
    """
    exported = Exported()
    known = [document for document in documents if exported.has_text(document)]
    tasks = [_task(document, field, text) for document in known for field, text in document.fields]
    tasks.sort(key=lambda task: task[0])
    exported.content = encode([task for _, task in tasks])
    return exported


def interface(types: Sequence[str]) -> str:
    """Return the labeling interface that the tasks are for, with these labels."""
    labels = "\n".join(f"    <Label value={quoteattr(kind)}/>" for kind in types)
    return (
        f'<View>\n  <Labels name="{_CONTROL}" toName="{_OBJECT}">\n{labels}\n  </Labels>\n'
        f'  <Text name="{_OBJECT}" value="$text"/>\n</View>'
    )


def _task(document: Tagged, field: Field, text: str) -> tuple[float, dict[str, object]]:
    record, entities = document.record, document.entities(field)
    score = min(map(_certainty, entities), default=1.0)
    about = {
        "document_id": record.document_id,
        "field": field,
        "label_set": record.label_set,
        "language": record.language,
        "entities": [[e.start, e.end, e.type] for e in entities],
    }
    prediction = {
        "model_version": f"tagwire-{record.fingerprint}",
        "score": round(score, 4),
        "result": [_region(number, e) for number, e in enumerate(entities)],
    }
    data = {"text": text, DATA_KEY: about}
    return score, {"data": data, "predictions": [prediction]}


def _region(number: int, e: EntityRecord) -> dict[str, object]:
    return {
        "id": str(number),
        "from_name": _CONTROL,
        "to_name": _OBJECT,
        "type": "labels",
        "score": e.score,
        "value": {"start": e.start, "end": e.end, "text": e.text, "labels": [e.type]},
        "meta": {"text": [f"votes: {', '.join(f'{k} {n}' for k, n in e.votes.items())}"]},
    }


def _certainty(e: EntityRecord) -> float:
    votes = e.votes.get(e.type, 0)
    return e.score * (votes / sum(e.votes.values()) if votes else 1)
