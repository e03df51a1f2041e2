"""The store for those who want none."""

from collections.abc import Mapping, Sequence


class NullStore:
    """The Store port that keeps nothing: every read is a miss."""

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """Give a miss for every key."""
        return [None] * len(keys)

    async def put(self, values: Mapping[str, bytes]) -> None:
        """Forget the values."""
