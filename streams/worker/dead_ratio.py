"""How many documents have died of late; kept with the offsets, so a restart forgets nothing."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from streams.wire.messages import TopicPartition

JUDGED_AFTER = 100
WINDOW = 1000
"""Both figures of a partition are halved when it has ended so many documents."""

_NOTE = re.compile(r"ended=(\d{1,4}) dead=(\d{1,4})")


@dataclass(slots=True)
class _Tally:
    ended: int = 0
    dead: int = 0


class DeadRatio:
    """The share of dead letters among the last 500 to 1,000 documents of each partition held.

    A worker that ended itself for too many dead letters is often started again at once. Each
    commit carries its partition's figures as a note, and who reads the partition next goes on
    from there: while the fault lasts, its first dead letter is one too many.
    """

    def __init__(self, most: float) -> None:
        self._most = most
        self._tallies: dict[TopicPartition, _Tally] = {}

    def one_more_is_too_many(self) -> bool:
        """Return whether a further dead letter would exceed the ratio."""
        ended = 1 + sum(tally.ended for tally in self._tallies.values())
        return ended >= JUDGED_AFTER and (1 + self._dead()) / ended > self._most

    def count(self, partition: TopicPartition, *, dead: bool) -> None:
        """Count one document whose outcome is handed over."""
        tally = self._tallies.setdefault(partition, _Tally())
        tally.ended += 1
        tally.dead += dead
        if tally.ended >= WINDOW:
            tally.ended //= 2
            tally.dead //= 2

    def recount_as_dead(self, partition: TopicPartition) -> None:
        """Count a document as dead that was counted as alive: its output was refused."""
        self._tallies[partition].dead += 1

    def note(self, partition: TopicPartition) -> str:
        """Return a partition's figures as a line to be committed with its offset."""
        tally = self._tallies.get(partition, _Tally())
        return f"ended={tally.ended} dead={tally.dead}"

    def restore(self, partition: TopicPartition, note: str) -> None:
        """Go on from a partition's note; one of another form counts for nothing."""
        match = _NOTE.fullmatch(note)
        self._tallies[partition] = _Tally(*map(int, match.groups())) if match else _Tally()

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        """Drop the figures of partitions that somebody else reads from now on."""
        for partition in partitions:
            self._tallies.pop(partition, None)

    def __str__(self) -> str:
        """Return why no further document may die, and what to do."""
        ended = sum(tally.ended for tally in self._tallies.values())
        return (
            f"{self._dead()} of the last {ended} documents are dead; one more would exceed "
            f"max_dead_ratio = {self._most}. See the dead letters and fix the cause, or set "
            "TAGWIRE_MAX_DEAD_RATIO to 1 to let them pass"
        )

    def _dead(self) -> int:
        return sum(tally.dead for tally in self._tallies.values())
