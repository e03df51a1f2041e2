"""Demonstrations from what people corrected in Label Studio."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from ner_core.errors import ConfigurationError, DocumentError
from ner_core.evaluation.label_studio import read_task
from ner_core.evaluation.labeled import LabeledText, LineError
from ner_core.types import Demonstration, Span, TypedSpan
from ner_core.validation import problems
from streams.client.content import named, read_content
from streams.export.label_studio import DATA_KEY
from streams.export.sentences import sentences
from streams.wire.codec import load_json

Typed = tuple[int, int, str]


@dataclass(slots=True)
class Corrections:
    """Demonstrations, and how many tasks were as predicted, not annotated, or unusable."""

    demonstrations: list[Demonstration] = field(default_factory=list)
    as_predicted: int = 0
    not_annotated: int = 0
    misfits: list[str] = field(default_factory=list)


class _About(BaseModel):
    """What the export put into a task."""

    model_config = ConfigDict(strict=True)

    document_id: str
    field: str
    label_set: str
    language: str | None
    entities: list[tuple[int, int, str]]

    @classmethod
    def of(cls, line: int, task: Mapping[str, Any]) -> Self:
        data = task.get("data", task)
        try:
            return cls.model_validate_json(json.dumps(data.get(DATA_KEY)))
        except (ValidationError, AttributeError) as exc:
            why = problems(exc) if isinstance(exc, ValidationError) else "no data"
            reason = f"not a task that `tagwire annotate export` wrote: {DATA_KEY}: {why}"
            raise LineError(line, reason) from exc


def corrections(source: str) -> Corrections:
    """Return a demonstration for each sentence that people annotated otherwise than predicted.

    ``source`` is an export of Label Studio, as JSON or JSON-MIN, or ``-`` for standard input.

    Raises:
        ConfigurationError: it cannot be read, or is not an array of tasks.
    """
    found = Corrections()
    for number, task in enumerate(_tasks(source), start=1):
        try:
            about, labeled = _About.of(number, task), read_task(number, task)
            corrected = [] if labeled.left_out else list(_corrected(number, about, labeled))
        except LineError as exc:
            found.misfits.append(f"task {str(exc).removeprefix('line ')}")
            continue
        found.not_annotated += bool(labeled.left_out)
        found.as_predicted += not labeled.left_out and not corrected
        found.demonstrations += corrected
    return found


def _tasks(source: str) -> list[dict[str, Any]]:
    try:
        tasks = load_json(read_content(source).decode())
    except (ValueError, DocumentError) as exc:
        msg = f"{named(source)} is not an export of Label Studio: {exc}"
        raise ConfigurationError(msg) from exc
    if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
        msg = f"{named(source)} is not an export of Label Studio: not an array of tasks"
        raise ConfigurationError(msg)
    return tasks


def _corrected(line: int, about: _About, labeled: LabeledText) -> Iterator[Demonstration]:
    text, predicted = labeled.text, set(about.entities)
    right = {_without_blanks(line, text, entity) for entity in labeled.entities}
    spans = [(start, end) for start, end, _ in right]
    for start, end in sentences(text, spans, about.language):
        if (wanted := _inside(right, start, end)) != _inside(predicted, start, end):
            sentence = text[start:end].rstrip()
            first = start + len(sentence) - len(sentence.lstrip())
            entities = [(Span(a - first, b - first), kind) for a, b, kind in sorted(wanted)]
            yield Demonstration(
                id=f"{about.document_id}/{about.field}/{first}",
                text=sentence.lstrip(),
                entities=tuple(TypedSpan(span, kind) for span, kind in entities),
                label_set=about.label_set,
            )


def _without_blanks(line: int, text: str, entity: Typed) -> Typed:
    """Return an entity without the blanks that were selected with it."""
    start, end, kind = entity
    surface = text[start:end]
    if not surface.strip():
        raise LineError(line, f"[{start}, {end}) {kind} is white space alone")
    start += len(surface) - len(surface.lstrip())
    return start, start + len(surface.strip()), kind


def _inside(entities: set[Typed], start: int, end: int) -> set[Typed]:
    return {entity for entity in entities if start <= entity[0] < end}
