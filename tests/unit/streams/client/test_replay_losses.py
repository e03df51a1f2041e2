"""What retention took of a range, told apart from other gaps."""

from streams.client.replay.losses import Losses
from streams.client.replay.ranges import Range


def read(losses, *offsets, partition=0):
    for offset in offsets:
        losses.see(partition, offset)


def test_gaps_that_the_partition_still_begins_before_are_no_loss():
    losses = Losses({0: Range(2, 9)})
    read(losses, 2, 3, 6)

    assert losses.suspected
    losses.explain({0: 0})
    assert (losses.count, losses.suspected) == (0, False)


def test_a_gap_counts_as_far_as_the_partition_begins_behind_it():
    losses = Losses({0: Range(2, 20)})
    read(losses, 2, 8)
    losses.explain({0: 5})
    read(losses, 12)
    losses.explain({0: 12})

    assert losses.count == 2 + 3


def test_what_never_came_before_the_end_counts_too():
    losses = Losses({0: Range(2, 20), 1: Range(0, 0), 2: Range(0, 4)})
    read(losses, 2)
    read(losses, 0, 1, 2, 3, partition=2)
    losses.see_ends()
    losses.explain({0: 50, 1: 3, 2: 9})

    assert losses.count == 17
