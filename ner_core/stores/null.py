"""The store for those who want none."""

from collections.abc import Mapping, Sequence

from ner_core.ports import StoreCounts


class NullStore:
    """The Store port that keeps nothing: every read is a miss."""

    def __init__(self) -> None:
        self.counts = StoreCounts()

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return a miss for every key."""
        values = [None] * len(keys)
        self.counts.add(values)
        return list(values)

    async def put(self, values: Mapping[str, bytes]) -> None:
        """Discards the values."""
