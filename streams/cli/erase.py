"""The command ``erase``."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import typer

from streams.cli.dispatch import EXIT_FAILED, run

if TYPE_CHECKING:
    from ner_core.stores import RecordingStore
    from ner_core.types import Document
    from streams.client.erase import Erasure
    from streams.settings import Settings

commands = typer.Typer()

_EXPIRY = "what it keeps expires within 8 days"


@commands.command()
def erase(document_id: str = typer.Argument(metavar="ID")) -> None:
    """Erase a document from topics and Redis, and list what stays and until when.

    Run it with the settings of the workers, while the engines are up. The exit status is 1 if
    Redis could not be searched.

    Example: tagwire erase afp-2031
    """
    run(lambda: _erase(document_id))


async def _erase(document_id: str) -> int:
    from ner_core.errors import ConfigurationError, EngineError
    from streams.client.erase import OUT_OF_REACH, erase
    from streams.settings import load_settings

    settings, status = load_settings(), 0
    erasure = await erase(settings, document_id)
    try:
        if settings.redis_url:
            await _erase_stored(settings, erasure)
    except (ConfigurationError, EngineError) as exc:
        erasure.remaining.append(f"Redis: {exc}; {_EXPIRY}")
        status = EXIT_FAILED
    _print("erased:", erasure.removed)
    _print("not erased:", [*erasure.remaining, *OUT_OF_REACH])
    return status


async def _erase_stored(settings: "Settings", erasure: "Erasure") -> None:
    """Delete the stored answers and vectors of the documents: tagging them again finds the keys.

    Raises:
        ConfigurationError: an engine does not answer, or Redis failed.
        EngineError: an engine did not answer a question.
    """
    from ner_core.errors import ConfigurationError
    from ner_core.stores import RecordingStore, RedisStore

    if not erasure.documents:
        erasure.remaining.append(f"Redis: not searched, the topics hold no text of it; {_EXPIRY}")
        return
    redis = RedisStore(settings.redis_url)
    try:
        keys = await _keys(settings, RecordingStore(redis), erasure.documents)
        deleted = await redis.delete(sorted(keys))
    finally:
        await redis.close()
    if redis.counts.errors:
        msg = f"it failed after {deleted} values were deleted; run this again"
        raise ConfigurationError(msg)
    erasure.removed.append(f"Redis: {deleted} answers and vectors")
    erasure.remaining.append(f"Redis: answers under an earlier pool, model or label set; {_EXPIRY}")


async def _keys(
    settings: "Settings", store: "RecordingStore", documents: Collection["Document"]
) -> set[str]:
    """Return the keys of what the store has of the documents, under the pool of the topic."""
    from contextlib import suppress

    from ner_core.errors import UnknownLabelSetError
    from streams.pipeline_factory import connect
    from streams.worker.pool_reader import PoolFeed

    async def changed() -> None:
        store.found.clear()  # of the pool

    async with connect(settings, wait=False, store=store) as live:
        feed = PoolFeed(settings, live.pipeline, changed)
        try:
            await feed.load()
        finally:
            await feed.close()
        for document in documents:
            with suppress(UnknownLabelSetError):  # no worker tagged it either
                await live.pipeline.tag(document)
    return store.found


def _print(title: str, rows: Sequence[str]) -> None:
    from streams.terminal import write_text

    write_text(title)
    for row in rows:
        write_text(f"  {row}")
