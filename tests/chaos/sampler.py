"""Samples what is committed and what the workers say of their lag."""

import asyncio
import re
import time
from collections import deque

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from chaos.history import History
from chaos.oracle import DEAD, ENTITIES, INPUTS, Ends, Oracle
from chaos.workers import Worker, Workers
from streams.kafka_offsets import committed_offsets

EVERY_S = 1.0
GRACE_S = 2.0
"""A document that came later than this before a reading may be unknown to the worker."""

ANSWER_WITHIN_S = 3.0
LAG = re.compile(r'^tagwire_lag\{partition="(\d+)",topic="documents"\} (\S+)$', re.MULTILINE)


class Sampler:
    """Writes the events ``committed`` and ``lag``; ``partitions`` is how many the inputs have."""

    def __init__(
        self, bootstrap: str, group: str, oracle: Oracle, workers: Workers, history: History
    ) -> None:
        self.partitions = 0
        self.output_partitions = 0
        self.paused = False
        self._bootstrap = bootstrap
        self._group = group
        self._oracle = oracle
        self._workers = workers
        self._history = history
        self._ends: deque[tuple[float, int, dict[int, int]]] = deque(maxlen=30)

    async def run(self) -> None:
        """Sample until cancelled; while the broker is away there is no sample."""
        while True:
            try:
                async with Ends(self._bootstrap) as ends:
                    await self._sample_with(ends)
            except (KafkaError, OSError, TimeoutError):
                await asyncio.sleep(EVERY_S)

    def topics(self) -> dict[str, int]:
        """Returns the partitions of each topic that the oracle reads."""
        outputs = dict.fromkeys((ENTITIES, DEAD), self.output_partitions)
        return {INPUTS: self.partitions, **outputs}

    async def _sample_with(self, ends: Ends) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
        try:
            await admin.start()
            while True:
                if not self.paused:
                    await asyncio.wait_for(self.sample(admin, ends), 4 * ANSWER_WITHIN_S)
                await asyncio.sleep(EVERY_S)
        finally:
            await admin.close()

    async def sample(self, admin: AIOKafkaAdminClient, ends: Ends) -> dict[int, int]:
        """Write one sample of everything; returns what is committed."""
        life = self._oracle.life
        documents_end = await ends.of(INPUTS, self.partitions)
        self._ends.append((time.monotonic(), life, documents_end))
        lags = await self._lags()
        committed = await self._committed(admin)
        outputs = {name: await ends.of(name, self.output_partitions) for name in (ENTITIES, DEAD)}
        if self.paused or life != self._oracle.life:
            return {}
        self._history.add(
            "committed", life=life, committed=committed, documents_end=documents_end, ends=outputs
        )
        self._judge(lags, committed)
        return committed

    def _judge(self, lags: list[tuple[Worker, int, float, float]], committed: dict) -> None:
        now = self._oracle.life
        for worker, partition, lag, read_at in lags:
            known = [e for at, life, e in self._ends if life == now and at <= read_at - GRACE_S]
            if known and partition in known[-1]:
                self._history.add(
                    "lag", worker=worker.name, partition=partition, lag=lag,
                    end=known[-1][partition], committed=committed.get(partition, 0),
                )  # fmt: skip

    async def _committed(self, admin: AIOKafkaAdminClient) -> dict[int, int]:
        wanted = [TopicPartition(INPUTS, number) for number in range(self.partitions)]
        found = await committed_offsets(admin, self._group, wanted)
        return {place.partition: max(0, o.offset) for place, o in found.items()}

    async def _lags(self) -> list[tuple[Worker, int, float, float]]:
        """Returns what each worker says of the partitions it reads, and when."""
        found = []
        for worker in tuple(self._workers.members):
            page = await self._workers.page(worker, "/metrics")
            if page is not None:
                at = time.monotonic()
                lags = LAG.findall(page.text)
                found += [(worker, int(p), float(lag), at) for p, lag in lags]
        return found
