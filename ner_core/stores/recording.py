"""A store that remembers what was found in it."""

from collections.abc import Mapping, Sequence

from ner_core.ports import Store, StoreCounts


class RecordingStore:
    """The Store port that reads from another store, and keeps nothing.

    ``found`` holds the keys that had a value: after a document was tagged, those of its answers
    and vectors.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.found: set[str] = set()

    @property
    def counts(self) -> StoreCounts:
        """What the store behind counts."""
        return self._store.counts

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return the value of each key, ``None`` for a miss."""
        values = await self._store.get(keys)
        self.found.update(keys[n] for n, value in enumerate(values) if value is not None)
        return values

    async def put(self, values: Mapping[str, bytes]) -> None:
        """Discards the values."""
