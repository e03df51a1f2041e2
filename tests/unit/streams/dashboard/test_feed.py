"""The feed: the last events, bounded, and what each reader has missed."""

import asyncio

from streams.dashboard.feed import Feed
from streams.dashboard.state import State


def shown(feed, after=0):
    return [(event.kind, event.data) for event in feed.after(after)]


def test_events_of_all_shelves_come_in_the_order_of_their_arrival():
    feed = Feed({"documents": 9, "letters": 9})
    feed.publish("documents", "a", "document", {"n": 1})
    feed.publish("letters", "0:0", "letter", {"n": 2})
    feed.publish("documents", "b", "document", {"n": 3})

    assert shown(feed) == [
        ("document", b'{"n":1}'), ("letter", b'{"n":2}'), ("document", b'{"n":3}'),
    ]  # fmt: skip
    assert shown(feed, after=2) == [("document", b'{"n":3}')]


def test_a_newer_event_of_a_key_takes_the_place_of_the_older():
    feed = Feed({"documents": 9})
    for kind in ("document", "document", "deletion"):
        feed.publish("documents", "a", kind, {})

    assert [event.kind for event in feed.after(0)] == ["deletion"]
    assert not feed.has_dropped_after(0)


def test_only_the_last_events_are_kept_and_who_missed_one_is_known():
    feed = Feed({"documents": 2})
    for name in "abc":
        feed.publish("documents", name, "document", {"id": name})

    assert [data for _, data in shown(feed)] == [b'{"id":"b"}', b'{"id":"c"}']
    assert feed.has_dropped_after(0)
    assert not feed.has_dropped_after(1)


def test_the_bytes_are_bounded_too_but_the_newest_is_always_kept():
    feed = Feed({"documents": 200})
    for name in "abcdef":
        feed.publish("documents", name, "document", {"text": name * 6 * 2**20})

    assert [event.number for event in feed.after(0)] == [5, 6]
    feed.publish("documents", "g", "document", {"text": "g" * 20 * 2**20})
    assert [event.number for event in feed.after(0)] == [7]


async def test_who_waits_for_news_gets_them_and_who_has_missed_some_does_not_wait():
    feed = Feed({"documents": 9})
    waiting = asyncio.create_task(feed.news(0))
    await asyncio.sleep(0)
    assert not waiting.done()

    feed.publish("documents", "a", "document", {})

    async with asyncio.timeout(5):
        await waiting
        await feed.news(0)


def test_a_state_that_has_not_changed_is_not_published_again():
    feed = Feed({"state": 1})
    state = State(feed, version="1")
    state.put("broker", "")
    state.put("broker", "")

    assert [event.number for event in feed.after(0)] == [2]
    assert shown(feed) == [("state", b'{"version":"1","broker":""}')]
