"""Tags files without Kafka: documents in, records out."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from ner_core.errors import ConfigurationError, DocumentError
from ner_core.pipeline import Pipeline
from ner_core.pool.pool import build_pool
from streams.client.files import Line, read_lines
from streams.settings import Settings
from streams.wire.demonstrations import decode_demonstration
from streams.wire.documents import Received, decode
from streams.wire.entities import entities_record

_AT_ONCE = 4

Tagged = tuple[Line, bytes, int]
"""A document, its record's bytes, and its number of sentences."""


async def fill_pool(pipeline: Pipeline, settings: Settings) -> int:
    """Load the demonstrations of a file into a pipeline; gives how many.

    Raises:
        ConfigurationError: the file cannot be read, or a line of it is no demonstration.
    """
    demonstrations = []
    for entry in read_lines(str(settings.demonstrations)):
        if not isinstance(entry, Line):
            msg = f"{settings.demonstrations}, line {entry[0]}: {entry[1]}"
            raise ConfigurationError(msg)
        demonstrations.append(decode_demonstration(entry.value))
    pipeline.pool = await build_pool(
        demonstrations,
        embedder=pipeline.embedder,
        modes=pipeline.ensemble.modes,
    )
    return len(pipeline.pool)


async def tag_lines(
    pipeline: Pipeline, settings: Settings, source: str, lines: Sequence[Line]
) -> AsyncIterator[Tagged | tuple[int, DocumentError]]:
    """Tag documents, a few at once; gives them in their order, or why one cannot be tagged.

    Raises:
        EngineError: an engine gave no answer.
    """
    gate = asyncio.Semaphore(_AT_ONCE)
    tasks = [asyncio.create_task(_tag(pipeline, settings, source, line, gate)) for line in lines]
    try:
        for line, task in zip(lines, tasks, strict=True):
            try:
                yield await task
            except DocumentError as exc:
                yield line.number, exc
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _tag(
    pipeline: Pipeline, settings: Settings, source: str, line: Line, gate: asyncio.Semaphore
) -> Tagged:
    async with gate:
        message = line.message(source)
        received = decode(message, max_document_chars=settings.max_document_chars)
        assert isinstance(received, Received)  # noqa: S101 - a line has a value, so no deletion
        tagged = await pipeline.tag(received.record.document())
        outgoing = entities_record(settings.entities_topic, message, received, tagged)
        return line, outgoing.value or b"", tagged.sentences
