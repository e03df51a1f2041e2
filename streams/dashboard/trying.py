"""Tags a text that somebody pasted, and explains every stage; nothing is written anywhere."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict

from ner_core.errors import DocumentError, TagwireError
from ner_core.pipeline import Pipeline
from ner_core.pool.contents import encoded
from ner_core.pool.pool import EMPTY, GrowingPool, require_known_types
from ner_core.stores import ReadOnlyStore
from ner_core.types import Demonstration, TaggedDocument
from streams.client.demonstrations_topic import Held, held
from streams.dashboard.stages import sentences_view
from streams.dashboard.views import document_view
from streams.export.tagged import Tagged
from streams.pipeline_factory import LivePipeline, connect, opened_store
from streams.settings import Settings
from streams.wire.codec import Json, encode, load_json
from streams.wire.documents import Received, decode
from streams.wire.entities import EntitiesRecord, entities_record
from streams.wire.errors import InvalidFieldError
from streams.wire.messages import Message

WAITING = 4
"""Texts that may wait behind the one that is being tagged."""
ID = "try-it"

Asked = tuple[bytes, asyncio.Future[Json]]
Connect = Callable[..., AbstractAsyncContextManager[LivePipeline]]
ReadTopic = Callable[[Settings], Awaitable[Held]]


class BusyError(TagwireError):
    """Too many texts are waiting."""

    code = "busy"


class TryIt:
    """Tags one text after another on a pipeline of its own, which it opens with the first."""

    def __init__(
        self, settings: Settings, connect: Connect = connect, held: ReadTopic = held
    ) -> None:
        self._settings = settings
        self._connect = connect
        self._held = held
        self._asked: asyncio.Queue[Asked] = asyncio.Queue(WAITING)

    async def explained(self, value: bytes) -> Json:
        """Return what the stages made of a document, which is JSON without an id.

        Raises:
            DocumentError: it is not a document.
            EngineError: an engine gave no answer.
            ConfigurationError: engines or demonstrations cannot be used.
            BusyError: too many texts are waiting.
        """
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        try:
            self._asked.put_nowait((_with_id(value), answer))
        except asyncio.QueueFull as exc:
            msg = f"{WAITING} texts are waiting already; try again in a while"
            raise BusyError(msg) from exc
        return await answer

    async def serve(self) -> None:
        """Answer until cancelled; after an error of engines they are connected again."""
        while True:
            asked = await self._asked.get()
            try:
                async with opened_store(self._settings) as store:
                    read_only = ReadOnlyStore(store)
                    async with self._connect(self._settings, wait=False, store=read_only) as live:
                        await self._answer_on(live.pipeline, asked)
            except TagwireError as exc:
                _fail(asked[1], exc)

    async def _answer_on(self, pipeline: Pipeline, asked: Asked) -> None:
        pool = _PoolOfTopic(pipeline, lambda: self._held(self._settings))
        while True:
            value, answer = asked
            task = asyncio.create_task(self._explain(pipeline, pool, value))
            answer.add_done_callback(lambda _, task=task: task.cancel())  # type: ignore[misc]
            try:
                await asyncio.wait({task})
            finally:
                task.cancel()
            if not task.cancelled() and (error := task.exception()) is not None:
                _fail(answer, error)
                if not isinstance(error, DocumentError):
                    return
            elif not task.cancelled() and not answer.done():
                answer.set_result(task.result())
            asked = await self._asked.get()

    async def _explain(self, pipeline: Pipeline, pool: "_PoolOfTopic", value: bytes) -> Json:
        message = Message("", 0, 0, int(1000 * time.time()), ID.encode(), value)
        received = decode(message, max_document_chars=self._settings.max_document_chars)
        assert isinstance(received, Received)  # noqa: S101 # it has a value
        began = time.monotonic()
        await pool.take_up()
        tagged = await pipeline.tag(received.record.document(), explain=True)
        seconds = time.monotonic() - began
        written = entities_record("", message, received, tagged).value or b""
        record = EntitiesRecord.model_validate(json.loads(written))
        fields = {"title": received.record.title or "", "text": received.record.text}
        return {
            "document": _shown(Tagged.of(record, received.record)),
            "sentences": sentences_view(tagged.explanation or (), fields, pool.demonstrations),
            "costs": _costs(tagged),
            "seconds": round(seconds, 2),
        }


class _PoolOfTopic:
    """The demonstrations of the topic, as workers have them."""

    def __init__(self, pipeline: Pipeline, held: Callable[[], Awaitable[Held]]) -> None:
        self._held = held
        self._pipeline = pipeline
        self.demonstrations: dict[str, Demonstration] = {}
        self._begin_again()

    async def take_up(self) -> None:
        """Read the topic, and change the pipeline's pool if something has changed."""
        there = await self._held()
        wanted = {d.id: d for d in there.demonstrations.values() if self._is_known(d)}
        changes: dict[str, bytes | None] = {
            name: content
            for name, d in wanted.items()
            if (content := encoded(d)) != self._growing.content(name)
        }
        changes |= dict.fromkeys(self.demonstrations.keys() - wanted.keys())
        if changes:
            await self._change(changes)
        self.demonstrations = wanted

    async def _change(self, changes: dict[str, bytes | None]) -> None:
        try:
            self._pipeline.pool = await self._growing.change(changes)
        except BaseException:
            self._begin_again()  # the thread of a cancelled change continues with the old pool
            raise

    def _begin_again(self) -> None:
        self._growing = GrowingPool(self._pipeline.embedder, self._pipeline.ensemble.modes)
        self._pipeline.pool = EMPTY
        self.demonstrations = {}

    def _is_known(self, demonstration: Demonstration) -> bool:
        """Whether its types are known; workers leave out the others, and log them."""
        try:
            require_known_types(demonstration, self._pipeline.label_sets)
        except DocumentError:
            return False
        return True


def _with_id(value: bytes) -> bytes:
    """Return the document with our id."""
    try:
        data = load_json(value.decode())
    except ValueError as exc:
        msg = f"not JSON: {exc}"
        raise InvalidFieldError(msg) from exc
    if not isinstance(data, dict):
        msg = "not an object of JSON"
        raise InvalidFieldError(msg)
    return encode({**data, "id": ID})


def _fail(answer: asyncio.Future[Json], error: BaseException) -> None:
    if not answer.done():
        answer.set_exception(error)


def _shown(tagged: Tagged) -> Json:
    """Return the document without what only one of the topic has."""
    view = document_view(tagged)
    view["facts"] = [fact for fact in view["facts"] if fact[0] not in {"id", "origin"}]
    return view


def _costs(tagged: TaggedDocument) -> list[Json]:
    return [
        {"stage": stage, "model": model, **asdict(counts)}
        for (stage, model), counts in tagged.counts.items()
    ]
