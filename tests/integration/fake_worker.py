"""A worker process whose pipeline calls every capitalised word a person."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np

from ner_core.ensemble import load_ensemble
from ner_core.errors import UnknownLabelSetError
from ner_core.pool import EMPTY
from ner_core.types import Document, Entity, Span, TaggedDocument
from streams.adapters import Adapters
from streams.app import run
from streams.settings import Settings, load_settings


class FakeEmbedder:
    revision = "fake"

    async def embed(self, texts):
        return np.ones((len(texts), 1), np.float32)


class FakePipeline:
    def __init__(self):
        self.pool = EMPTY
        self.label_sets = {"news": None}
        self.embedder = FakeEmbedder()
        self.ensemble = load_ensemble(Path("models/embedded.toml"))

    def fingerprint(self, label_set):
        return f"fake-{label_set}-{self.pool.version}"

    def describe(self, label_set):
        return {"fake": True, "label_set": label_set, "pool": self.pool.version}

    async def tag(self, document: Document) -> TaggedDocument:
        if document.label_set not in self.label_sets:
            raise UnknownLabelSetError(document.label_set, known=("news",))
        await asyncio.sleep(float(os.environ.get("FAKE_DELAY_S", "0")))
        entities = tuple(
            Entity("text", Span(*m.span()), m.group(), "person", 1.0, None, {"person": 1})
            for m in re.finditer(r"\b[A-Z]\w+", document.text)
        )
        return TaggedDocument(
            document.id, self.fingerprint(document.label_set), entities, (), 1, {}
        )


@asynccontextmanager
async def fake(settings: Settings) -> AsyncIterator[Adapters]:
    async def canary(model: str) -> bool:
        return True

    yield Adapters(FakePipeline(), canary, lambda: False)


if __name__ == "__main__":
    sys.exit(asyncio.run(run(load_settings(), fake)))
