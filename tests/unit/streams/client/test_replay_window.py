"""What a replay writes when newer versions and deletions come meanwhile."""

import json

import pytest
from support.pipelines import Fixed, pipeline

from streams.client.patience import Patience
from streams.client.replay.comparison import Baseline
from streams.client.replay.conditions import Conditions
from streams.client.replay.guard import Guard
from streams.client.replay.outlet import Outlet, settings_of_replay
from streams.client.replay.plan import Order
from streams.client.replay.points import END, Offset
from streams.client.replay.replay import Window
from streams.client.versions import Versions
from streams.settings import load_settings
from streams.wire.messages import Message

TEXT = "Ada Kern left Varna."


def message(offset, name, text=TEXT):
    value = None if text is None else json.dumps({"id": name, "text": text}).encode()
    return Message("documents", 0, offset, 1_000 * offset, name.encode(), value)


class Documents:
    """The topic ``documents`` behind what is replayed."""

    def __init__(self):
        self.new = []

    async def read(self):
        new, self.new = self.new, []
        yield new


class Broker:
    """Takes records; ``meanwhile`` is on ``documents`` when the first call has returned."""

    def __init__(self, documents):
        self.documents, self.written, self.meanwhile = documents, [], []

    async def announce(self, _):
        self._come()

    async def send_and_wait(self, topic, value, *, key, **_):
        self.written.append((topic, key.decode(), value))
        self._come()

    async def commit(self, offsets):
        pass

    def _come(self):
        self.documents.new += self.meanwhile
        self.meanwhile = []


@pytest.fixture
async def window():
    """Makes a window on a topic, and the broker that it writes to."""

    async def make(topic):
        settings = load_settings()
        own, documents = settings_of_replay(settings, topic), Documents()
        order = Order(topic, Offset(0), END, Conditions(), "name", "options")
        broker = Broker(documents)
        guard = Guard(
            Versions(settings, {b"d1", b"d2"}), documents, topic != settings.entities_topic
        )
        made = Window(
            own,
            order,
            await pipeline(Fixed("gemma", kind="person")),
            Patience(),
            broker.announce,
            Outlet(own, broker),
            broker,
            guard,
            Baseline({}),
        )
        return made, broker

    return make


async def replayed(window, *messages):
    for each in messages:
        assert await window.take(each) == []
    outcomes = []
    while not window.empty:
        outcomes += await window.finish()
    return [outcome.fate for outcome in outcomes]


async def test_a_version_that_comes_during_the_announcement_is_not_written_over(window):
    made, broker = await window("entities")
    broker.meanwhile = [message(8, "d1"), message(9, "d2")]

    assert await replayed(made, message(1, "d1"), message(2, "d2")) == ["superseded"] * 2
    assert broker.written == []


async def test_a_version_that_comes_while_another_document_is_written_is_not_written_over(window):
    made, broker = await window("entities")
    made.announce = announced_already
    broker.meanwhile = [message(9, "d2")]

    assert await replayed(made, message(1, "d1"), message(2, "d2")) == ["tagged", "superseded"]
    assert [key for _, key, _ in broker.written] == ["d1"]


async def test_what_was_deleted_behind_the_range_does_not_come_back_elsewhere(window):
    made, broker = await window("v2")
    broker.meanwhile = [message(7, "d1", None), message(9, "d2")]

    assert await replayed(made, message(1, "d1"), message(2, "d2")) == ["deleted", "tagged"]
    [(topic, key, value), (_, other, kept)] = broker.written
    assert (topic, key, value) == ("v2", "d1", None)
    assert (other, kept is None) == ("d2", False)


async def test_the_dead_letter_of_what_was_deleted_holds_no_text_of_it_either(window):
    made, broker = await window("v2")
    broker.documents.new = [message(7, "d1", None)]

    assert await replayed(made, message(1, "d1", "x" * 10**7)) == ["deleted"]
    assert broker.written == [("v2", "d1", None)]


async def test_a_version_behind_a_deletion_is_written(window):
    made, broker = await window("v2")
    broker.documents.new = [message(1, "d1", None)]

    assert await replayed(made, message(2, "d1")) == ["tagged"]


async def announced_already(_):
    pass
