"""A store that counts."""

from ner_core.testing import InMemoryStore


class CountingStore(InMemoryStore):
    """Counts reads and writes."""

    def __init__(self):
        super().__init__()
        self.reads = self.writes = 0

    async def get(self, keys):
        self.reads += 1
        return await super().get(keys)

    async def put(self, values):
        self.writes += 1
        await super().put(values)
