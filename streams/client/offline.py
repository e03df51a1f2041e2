"""Tags files without Kafka: documents in, records out."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog

from ner_core.errors import DocumentError, UnknownTypeError
from ner_core.labels import LabelSet
from ner_core.pipeline import Pipeline
from ner_core.pool.pool import build_pool, require_known_types
from ner_core.types import Demonstration
from streams.client.demonstrations import read_demonstrations, warn_of_repeated_ids
from streams.client.files import Line, Refused
from streams.client.patience import Patience
from streams.settings import Settings
from streams.wire.bounded import bounded
from streams.wire.documents import Received, decode
from streams.wire.entities import entities_record

_AT_ONCE = 4
_AHEAD = 32
"""Documents that may be finished or under way behind one that takes long."""

log = structlog.get_logger()

Tagged = tuple[Line, bytes, int]
"""A document, its record's bytes, and its number of sentences."""


async def fill_pool(pipeline: Pipeline, settings: Settings) -> int:
    """Load the demonstrations of a file into a pipeline; returns how many.

    As a worker does, it leaves out those with types that are not in their label set.

    Raises:
        ConfigurationError: the file cannot be read, or a line is not a demonstration.
    """
    demonstrations = read_demonstrations(str(settings.demonstrations))
    warn_of_repeated_ids(demonstrations)
    pipeline.pool = await build_pool(
        _of_known_types(demonstrations, pipeline.label_sets),
        embedder=pipeline.embedder,
        modes=pipeline.ensemble.modes,
    )
    return len(pipeline.pool)


def _of_known_types(
    demonstrations: Iterable[Demonstration], label_sets: Mapping[str, LabelSet]
) -> list[Demonstration]:
    known, errors = [], list[UnknownTypeError]()
    for demonstration in demonstrations:
        try:
            known.append(require_known_types(demonstration, label_sets))
        except UnknownTypeError as exc:
            errors.append(exc)
    if errors:
        log.warning("demonstrations left out", number=len(errors), first=bounded(str(errors[0])))
    return known


async def tag_lines(
    pipeline: Pipeline,
    settings: Settings,
    source: str,
    lines: Sequence[Line],
    patience: Patience,
) -> AsyncGenerator[Tagged | Refused, None]:
    """Tag documents, a few at once; yields them in order, or why one cannot be tagged.

    Raises:
        EngineError: an engine did not answer for as long as there is patience.
    """
    tagger = _Tagger(pipeline, settings, source, patience)
    window: deque[tuple[Line, asyncio.Task[Tagged]]] = deque()
    try:
        for line in lines:
            if len(window) == _AHEAD:
                yield await _outcome(*window.popleft())
            window.append((line, asyncio.create_task(tagger.tag(line))))
        while window:
            yield await _outcome(*window.popleft())
    finally:
        for _, task in window:
            task.cancel()
        await asyncio.gather(*(task for _, task in window), return_exceptions=True)


async def _outcome(line: Line, task: asyncio.Task[Tagged]) -> Tagged | Refused:
    try:
        return await task
    except DocumentError as exc:
        return line.number, exc


def _in_label_set(received: Received, label_set: str) -> Received:
    record = received.record.model_copy(update={"label_set": label_set})
    return replace(received, record=record)


@dataclass(frozen=True)
class _Tagger:
    """Tags a few documents at once."""

    pipeline: Pipeline
    settings: Settings
    source: str
    patience: Patience
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    async def tag(self, line: Line) -> Tagged:
        async with self.gate:
            message = line.message(self.source)
            received = decode(message, max_document_chars=self.settings.max_document_chars)
            assert isinstance(received, Received)  # noqa: S101 - a line has a value: no deletion
            if line.label_set and received.record.label_set is None:
                received = _in_label_set(received, line.label_set)
            document = received.record.document()
            tagged = await self.patience.tag(document.id, lambda: self.pipeline.tag(document))
            outgoing = entities_record(self.settings.entities_topic, message, received, tagged)
            return line, outgoing.value or b"", tagged.sentences
