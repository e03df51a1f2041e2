"""A store in memory."""

from collections.abc import Mapping, Sequence


class InMemoryStore:
    """The Store port on a dict; it forgets nothing until it is dropped."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """Give the value of each key, ``None`` for a miss."""
        return [self.values.get(key) for key in keys]

    async def put(self, values: Mapping[str, bytes]) -> None:
        """Keep the values."""
        self.values |= values
