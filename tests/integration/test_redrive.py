"""Redrive on real brokers: every letter once, nothing old over something new."""

import time
from contextlib import aclosing

import pytest
from support.groups import committed
from support.letters import document, letter, on_topic, tagwire, write
from support.stack import running_stack

from streams.client.redrive import SUPERSEDED, redrive
from streams.wire.entities import tombstone
from streams.wire.errors import InvalidJsonError
from streams.wire.messages import Message, Outgoing

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

BEFORE_MS = int(time.time() * 1_000) - 60_000


def version(settings, name, text="one", at=0, headers=()):
    """A version of a document, to be sent."""
    return Outgoing(
        settings.documents_topic, name.encode(), document(name, text), headers, BEFORE_MS + at
    )


async def died(settings, *versions, **why):
    """Send documents and their dead letters, as a worker that could tag none of them."""
    sent = await write(settings, *versions)
    await write(settings, *(letter(settings, message, **why) for message in sent))
    return sent


async def run(settings, **options):
    """Redrive; returns what became of the letters, by text of the document and refusal."""
    async with aclosing(redrive(settings, **options)) as outcomes:
        return [(o.letter.id, o.refusal) async for o in outcomes]


async def texts(settings):
    """What is on `documents`: key and value, in the order of each key."""
    records = await on_topic(settings, settings.documents_topic)
    return [(r.key.decode(), r.value) for r in sorted(records, key=lambda r: r.key)]


async def redriven(settings):
    """Letters that the group of the redrive has committed, in all partitions."""
    group = f"{settings.group}.redrive"
    return sum((await committed(settings, group, settings.dead_topic)).values())


async def test_a_dry_run_counts_and_sends_nothing(settings):
    # The first test: a new broker has no coordinator for groups yet, which is no error.
    await died(settings, version(settings, "good"), version(settings, "old", "one"))
    await write(settings, version(settings, "old", "two", at=1))
    before = await texts(settings)

    status, out, err = await tagwire(settings, "dead", "redrive", "--dry-run")

    assert (status, err) == (0, "")
    assert out.splitlines()[-4:] == [
        f"1 dead letters would be sent to {settings.documents_topic}",
        "       1  too_long",
        "1 dead letters would be refused",
        "       1  too_long",
    ]
    assert f"old: {SUPERSEDED}" in out
    assert await texts(settings) == before
    assert await redriven(settings) == 0


async def test_a_letter_is_sent_once_to_its_partition_with_its_headers_and_a_count(settings):
    headers = (("trace", b"7"), ("tagwire-redrives", b"1"))
    [source] = await died(settings, version(settings, "a", headers=headers))

    assert await run(settings) == [("a", "")]
    assert await run(settings) == []

    first, again = await on_topic(settings, settings.documents_topic)
    assert (again.key, again.value) == (b"a", first.value)
    assert again.partition == source.partition
    assert again.headers == (("trace", b"7"), ("tagwire-redrives", b"2"))
    assert abs(again.timestamp - time.time() * 1_000) < 60_000
    assert await redriven(settings) == 1


async def test_an_older_version_than_the_newest_seen_is_refused(settings):
    await died(settings, version(settings, "tagged since", "one"))
    await write(settings, version(settings, "tagged since", "two", at=1))
    await died(settings, *(version(settings, "died twice", text, at=1) for text in ("one", "two")))
    await died(settings, version(settings, "deleted", "one"))
    gone = Message(settings.documents_topic, 9, 9, BEFORE_MS + 5, b"deleted", None)
    await write(settings, tombstone(settings.entities_topic, gone))
    before = len(await texts(settings))

    outcomes = await run(settings)

    assert sorted(outcomes) == [
        ("deleted", SUPERSEDED),
        ("died twice", ""),
        ("died twice", SUPERSEDED),
        ("tagged since", SUPERSEDED),
    ]
    assert len(await texts(settings)) == before + 1
    values = [value for key, value in await texts(settings) if key == "died twice"]
    assert values == [document("died twice", text) for text in ("one", "two", "two")]


async def test_a_run_that_was_killed_before_it_committed_sends_nothing_twice(settings):
    await died(settings, *(version(settings, f"d{n}") for n in range(6)))
    async with aclosing(redrive(settings)) as outcomes:
        await anext(outcomes)  # the first letter is sent; its batch is not committed

    assert await redriven(settings) == 0
    assert sorted(refusal for _, refusal in await run(settings)) == ["", "", "", "", "", SUPERSEDED]
    assert [key for key, _ in await texts(settings)] == sorted(2 * [f"d{n}" for n in range(6)])


async def test_what_a_condition_left_out_can_be_sent_later(settings):
    await died(settings, version(settings, "long"))
    await died(settings, version(settings, "other"), error=InvalidJsonError("x"))

    assert await run(settings, reasons=["invalid_json"]) == [("other", "")]
    outcomes = dict(await run(settings))

    assert outcomes["long"] == ""
    assert outcomes.get("other", SUPERSEDED) == SUPERSEDED


async def test_what_would_die_again_or_came_back_three_times_stays(settings):
    thrice = (("tagwire-redrives", b"3"),)
    await died(settings, version(settings, "thrice", headers=thrice))
    await died(settings, Outgoing(settings.documents_topic, b"broken", b"{", (), BEFORE_MS))
    before = await texts(settings)

    outcomes = dict(await run(settings))

    assert outcomes["thrice"] == "it came back 3 times and stays"
    assert outcomes["broken"].startswith("it would die again: invalid_json: ")
    assert await texts(settings) == before


async def test_a_condition_that_is_none_is_a_usage_error(settings):
    status, out, err = await tagwire(settings, "dead", "redrive", "--where", "too_long")

    assert (status, out) == (2, "")
    assert "'too_long' is not reason=CODE" in err


async def test_a_document_without_its_label_set_is_tagged_once_it_is_there_and_redriven(tmp_path):
    folder = tmp_path / "label_sets"
    folder.mkdir()
    ships = '[[type]]\nid = "ship"\n'
    (folder / "other.toml").write_text(ships)
    async with running_stack(tmp_path, label_sets=folder) as stack:
        await stack.start_worker()
        await stack.send({"id": "a", "text": "Ada Kern left for Varna.", "label_set": "ships"})
        _, [first] = await stack.outcomes(1)
        (folder / "ships.toml").write_text(ships)
        assert await run(stack.settings) == [("a", "")]

        [record], [letter_] = await stack.outcomes(2)

    assert letter_ == first
    assert letter_.headers["tagwire-reason"] == b"unknown_label_set"
    assert (record.json["document_id"], record.json["label_set"]) == ("a", "ships")
    assert record.headers == {"tagwire-redrives": b"1"}
