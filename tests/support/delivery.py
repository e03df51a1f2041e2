"""A delivery with everything around it scripted."""

import asyncio
import json

from ner_core.types import TaggedDocument
from streams.settings import load_settings
from streams.wire.errors import RecordTooLargeError
from streams.wire.messages import Message
from streams.worker.commits import Commits
from streams.worker.dead_ratio import DeadRatio
from streams.worker.delivery import Delivery
from streams.worker.metrics import Metrics
from streams.worker.retention import Retention
from streams.worker.tracing import NO_TRACING


class Tagger:
    """Ends a document when it is told to."""

    def __init__(self):
        self.gates = {}
        self.running = set()
        self.tagged = {}

    async def tag(self, document, attempts):
        attempts.count += 1
        self.running.add(document.id)
        try:
            await self.gates.setdefault(document.id, asyncio.Event()).wait()
        finally:
            self.running.discard(document.id)
        if document.text == "raise":
            raise ZeroDivisionError("boom")
        return self.tagged.get(document.id) or TaggedDocument(document.id, "f", (), (), 1)

    def end(self, *names):
        for name in names:
            self.gates.setdefault(name, asyncio.Event()).set()


class Outlet:
    """Keeps what it was handed; refuses a key now, and another when the broker answers."""

    def __init__(self):
        self.handed_over, self.documents, self.sent = [], [], []
        self.refuses = lambda outgoing: outgoing.topic == "entities" and outgoing.key == b"huge"
        self.error = RecordTooLargeError("over the broker's limit")
        self.broker_answers = asyncio.Event()
        self.broker_answers.set()

    @property
    def out(self):
        return [(o.topic, o.key.decode()) for o in self.sent]

    async def hand_over(self, outgoing, document):
        self.handed_over.append(outgoing)
        self.documents.append(document)

        async def acknowledged():
            await self.broker_answers.wait()
            if self.refuses(outgoing):
                raise self.error
            self.sent.append(outgoing)

        return acknowledged()


class Offsets:
    """Remembers what was committed."""

    def __init__(self):
        self.positions = {}
        self.broker_answers = asyncio.Event()
        self.broker_answers.set()

    async def commit(self, positions):
        await self.broker_answers.wait()
        self.positions |= positions
        return True

    async def committed(self, partitions):
        return {p: self.positions[p] for p in partitions if p in self.positions}

    async def release(self, partitions):
        pass

    async def firsts(self, partitions):
        return dict.fromkeys(partitions, 0)


class Flow:
    """Remembers what was held back."""

    def __init__(self):
        self.paused = set()

    def pause(self, partition):
        self.paused.add(partition)

    def resume(self, partition):
        self.paused.remove(partition)


class Stage:
    """A delivery, what is around it, and what was acknowledged."""

    def __init__(self, offsets=None, tagger=None, tracing=NO_TRACING, **settings):
        self.tagger, self.outlet, self.flow = tagger or Tagger(), Outlet(), Flow()
        self.stopped, self.announced, self.names = [], [], []
        self.offsets = offsets or Offsets()
        made = load_settings(**settings)
        self.ratio = DeadRatio(made.max_dead_ratio)
        self.metrics = Metrics()
        self.retention = Retention(self.offsets.firsts, self.metrics)
        self.commits = Commits(self.offsets, self.ratio, self.retention)
        self.delivery = Delivery(
            made,
            retries=self.tagger,
            announce=self.announce,
            outputs=self.outlet,
            flow=self.flow,
            commits=self.commits,
            ratio=self.ratio,
            metrics=self.metrics,
            stop=self.stopped.append,
            tracing=tracing,
        )

    async def announce(self, fingerprint):
        self.announced.append(fingerprint)

    @property
    def acknowledged(self):
        """Names of the finished prefix."""
        return self.names[: self.commits.finished.get(("documents", 0), 0)]

    def figure(self, name, **labels):
        """What a metric shows; ``None`` before it has shown anything."""
        return self.metrics.registry.get_sample_value(name, labels)

    def receive(self, name, text="x", partition=0, **fields):
        """Take in a document, or with the text ``None`` the deletion of one."""
        value = None if text is None else json.dumps({"id": name, "text": text}).encode()
        message = Message(
            "documents", partition, len(self.names), 1_000, name.encode(), value, **fields
        )
        self.names.append(name)
        self.delivery.receive(message)
        return message


async def settle():
    for _ in range(20):
        await asyncio.sleep(0)


async def until_idle(stage):
    """Wait until everything that was taken in has its outcome."""
    while stage.delivery.in_flight:  # noqa: ASYNC110 - a delivery has no event for it
        await asyncio.sleep(0.001)
