"""What arrives on the topics is sorted by its topic, and dead letters are kept within bounds."""

import asyncio
from dataclasses import dataclass, replace

import pytest

from streams.client.tail import Arrival
from streams.dashboard.app import new_feed
from streams.dashboard.follow import KEPT, Follower
from streams.dashboard.state import State
from streams.settings import load_settings

SETTINGS = load_settings(redis_url="")
MIB = 2**20


@dataclass(frozen=True, slots=True, eq=False)
class Incomparable(Arrival):
    """Notices when it is compared, which takes as long as its value is."""

    __hash__ = None

    def __eq__(self, other):
        pytest.fail("arrivals are compared")


class Counted:
    """No headers; notes each look at all of them."""

    def __init__(self, looks):
        self.looks = looks

    def __iter__(self):
        self.looks.append(1)
        return iter(())


class Topics:
    """A reader that has some arrivals, and then nothing."""

    waiting = ""

    def __init__(self, *batches):
        self._batches = list(batches)

    async def poll(self):
        if self._batches:
            return self._batches.pop(0)
        raise asyncio.CancelledError


class NoOriginals:
    """Finds no document."""

    async def find(self, _):
        return None


def letter(offset, size=1, kind=Arrival):
    return kind(b"id", b"x" * size, topic=SETTINGS.dead_topic, offset=offset)


def deletion(name, kind=Arrival):
    return kind(name.encode(), None, topic=SETTINGS.entities_topic)


async def followed(*batches):
    feed = new_feed()
    follower = Follower(SETTINGS, feed, State(feed))
    with pytest.raises(asyncio.CancelledError):
        await follower._read(Topics(*batches), NoOriginals())
    return follower, [event.kind for event in feed.after(0)]


def kept(follower, *offsets):
    return [offset for offset in offsets if follower.inside(f"0:{offset}") is not None]


async def test_arrivals_are_sorted_by_their_topic_without_being_compared():
    batch = [letter(n, kind=Incomparable) for n in range(3)]
    batch += [deletion(name, kind=Incomparable) for name in "ab"]

    _, kinds = await followed(batch)

    assert sorted(kinds) == ["deletion", "deletion", "letter", "letter", "letter", "state"]


async def test_as_many_letters_are_kept_as_the_page_shows():
    follower, _ = await followed([letter(n) for n in range(KEPT + 2)])

    assert kept(follower, 0, 1, 2, KEPT + 1) == [2, KEPT + 1]


async def test_letters_are_kept_within_a_number_of_bytes_but_always_the_newest():
    follower, _ = await followed([letter(n, 6 * MIB) for n in range(3)])
    assert kept(follower, 0, 1, 2) == [1, 2]

    follower, _ = await followed([letter(0), letter(1, 20 * MIB), letter(2, 20 * MIB)])
    assert kept(follower, 0, 1, 2) == [2]


async def test_a_letter_that_is_read_again_is_counted_once():
    follower, _ = await followed([letter(0, 6 * MIB)], [letter(0, 6 * MIB)], [letter(1, 6 * MIB)])

    assert kept(follower, 0, 1) == [0, 1]


async def test_a_letter_is_looked_at_a_few_times_however_many_are_kept():
    looks = []
    letters = [letter(n) for n in range(2 * KEPT)]

    await followed([replace(one, headers=Counted(looks)) for one in letters])

    assert len(looks) <= 10 * len(letters)
