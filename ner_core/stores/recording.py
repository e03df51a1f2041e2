"""A store that remembers what was found in it."""

from collections.abc import Sequence

from ner_core.ports import Store
from ner_core.stores.read_only import ReadOnlyStore


class RecordingStore(ReadOnlyStore):
    """A store that is only read.

    ``found`` holds the keys that had a value: after a document was tagged, those of its answers
    and vectors.
    """

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.found: set[str] = set()

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return the value of each key, ``None`` for a miss."""
        values = await super().get(keys)
        self.found.update(keys[n] for n, value in enumerate(values) if value is not None)
        return values
