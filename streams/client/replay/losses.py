"""Finds what retention deleted of a range before it was read."""

from collections import defaultdict
from collections.abc import Mapping

from streams.client.replay.ranges import Ranges


class Losses:
    """Compares what was read with the first record that each partition still has.

    Offsets also have gaps where transactions end and where a topic was compacted: a gap counts
    as far as the partition begins behind it.
    """

    def __init__(self, ranges: Ranges) -> None:
        self._ends = {partition: range_.end for partition, range_ in ranges.items()}
        self._expected = {partition: range_.start for partition, range_ in ranges.items()}
        self._gaps: defaultdict[int, list[range]] = defaultdict(list)
        self.count = 0

    @property
    def suspected(self) -> bool:
        """Whether offsets were missing that are not explained yet."""
        return bool(self._gaps)

    def see(self, partition: int, offset: int) -> None:
        """Take note of a record that was read, in the order of its partition."""
        if offset > self._expected[partition]:
            self._gaps[partition].append(range(self._expected[partition], offset))
        self._expected[partition] = offset + 1

    def see_ends(self) -> None:
        """Take note that the ranges were read to their ends."""
        for partition, end in self._ends.items():
            self.see(partition, max(end, self._expected[partition]))

    def explain(self, firsts: Mapping[int, int]) -> None:
        """Count what is gone of the gaps, by the first offset of each partition now."""
        for partition, gaps in self._gaps.items():
            first = firsts.get(partition, 0)
            self.count += sum(len(range(gap.start, min(gap.stop, first))) for gap in gaps)
        self._gaps.clear()
