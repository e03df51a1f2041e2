"""A store in memory."""

from collections.abc import Mapping, Sequence

from ner_core.ports import StoreCounts


class InMemoryStore:
    """The Store port on a dict; it forgets nothing until it is dropped."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}
        self.counts = StoreCounts()

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return the value of each key, ``None`` for a miss."""
        values = [self.values.get(key) for key in keys]
        self.counts.add(values)
        return values

    async def put(self, values: Mapping[str, bytes]) -> None:
        """Keep the values."""
        self.values |= values
