"""A store for those who may look and not touch."""

from collections.abc import Mapping, Sequence

from ner_core.ports import Store, StoreCounts


class ReadOnlyStore:
    """The Store port that reads from another store, and keeps nothing."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def counts(self) -> StoreCounts:
        """What the store behind counts."""
        return self._store.counts

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return the value of each key, ``None`` for a miss."""
        return await self._store.get(keys)

    async def put(self, values: Mapping[str, bytes]) -> None:
        """Discards the values."""
