"""Stores of answers and embeddings."""

from ner_core.stores.null import NullStore
from ner_core.stores.read_only import ReadOnlyStore
from ner_core.stores.recording import RecordingStore
from ner_core.stores.redis import RedisStore

__all__ = ["NullStore", "ReadOnlyStore", "RecordingStore", "RedisStore"]
