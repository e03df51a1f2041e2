"""The commands `demos add`, `remove`, `list` and `check` on real brokers."""

import json

import pytest
from support.letters import tagwire

from streams.client import send

pytestmark = pytest.mark.integration


async def test_demonstrations_are_listed_as_workers_read_them_and_can_be_added_again(settings):
    nora = {
        "id": "n",
        "text": "Nora met Ole.",
        "entities": [{"start": 0, "end": 4, "type": "person"}],
    }
    ship = {"id": "s", "text": "It sailed.", "entities": [], "label_set": "ships"}
    await tagwire(settings, "demos", "add", "-", text=json.dumps(nora))
    await tagwire(settings, "demos", "add", "-", text=json.dumps(ship))

    _, shown, _ = await tagwire(settings, "demos", "list")
    _, lines, _ = await tagwire(settings, "demos", "list", "--json", "--label-set", "news")
    status, _, _ = await tagwire(settings, "demos", "add", "-", text=lines)

    assert shown == "n  news  [Nora person] met Ole.\ns  ships  It sailed.\n"
    assert json.loads(lines) == {**nora, "label_set": "news"}
    assert status == 0


async def test_demonstrations_are_removed_or_none_is(settings):
    lines = "\n".join(json.dumps({"id": i, "text": "Rain.", "entities": []}) for i in "abc")
    await tagwire(settings, "demos", "add", "-", text=lines)

    refused, _, err = await tagwire(settings, "demos", "remove", "a", "x")
    status, _, _ = await tagwire(settings, "demos", "remove", "a", "b")

    assert (refused, status) == (1, 0)
    assert f"nothing was removed: {settings.demonstrations_topic} has no 'x'" in err
    assert (await tagwire(settings, "demos", "list"))[1] == "c  news  Rain.\n"


async def test_a_pool_that_has_or_had_demonstrations_is_left_as_it_is_on_request(settings):
    lines = "\n".join(json.dumps({"id": i, "text": "Rain.", "entities": []}) for i in "ab")

    for _ in range(2):
        status, _, err = await tagwire(settings, "demos", "add", "--if-empty", "-", text=lines)
        await tagwire(settings, "demos", "remove", "a")
        assert status == 0

    assert f"none: {settings.demonstrations_topic} has records" in err
    assert (await tagwire(settings, "demos", "list"))[1] == "b  news  Rain.\n"


@pytest.mark.parametrize("command", [("list",), ("check",), ("remove", "a")])
async def test_a_topic_that_does_not_exist_is_no_empty_pool(settings, command):
    absent = settings.model_copy(update={"demonstrations_topic": "absent"})

    status, _, err = await tagwire(absent, "demos", *command)

    assert (status, "no topic absent on" in err) == (1, True)


async def test_what_the_topic_holds_is_checked(settings):
    lines = "\n".join(json.dumps({"id": i, "text": "Rain.", "entities": []}) for i in "ab")
    await tagwire(settings, "demos", "add", "-", text=lines)
    async with send.open_producer(settings, settings.demonstrations_topic) as producer:
        await producer.send_and_wait(settings.demonstrations_topic, b"{}", key=b"c")

    status, out, _ = await tagwire(settings, "demos", "check")

    assert status == 1
    assert [line.split(";")[0] for line in out.splitlines() if "b:" in line] == [
        "b: the same text as 'a'"
    ]
    assert "c: no demonstration: " in out
