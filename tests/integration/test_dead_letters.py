"""Dead letters on real brokers: counted, listed, shown."""

import sys
import time
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaProducer
from support.brokers import KAFKA
from support.letters import document, letter, tagwire, write
from support.processes import Process, running, until
from support.stack import variables

from streams.client.dead_letters import find, overview
from streams.local.status import read_status
from streams.wire.dead_letters import dead_letter_without_value
from streams.wire.entities import tombstone
from streams.wire.errors import InvalidJsonError
from streams.wire.messages import Message

pytestmark = pytest.mark.integration

NOW_MS = int(time.time()) * 1_000


TAIL = [sys.executable, "-m", "streams.cli", "tail", "--from-beginning"]


async def shows(tail, text):
    return text in tail.read_log()


def dead(settings, name, error=None, value=None, at=0):
    message = Message("documents", 2, 1_000 + at, NOW_MS, name.encode(), value or document(name))
    return letter(settings, message, **({"error": error} if error else {}), now_ms=NOW_MS + at)


async def test_without_letters_the_list_says_so(settings):
    assert await tagwire(settings, "dead", "list") == (
        0,
        f"0 dead letters on {settings.dead_topic}\n",
        "",
    )


async def test_the_list_counts_the_reasons_and_shows_the_newest(settings):
    broken = InvalidJsonError("no \x1b[31mjson\n")
    await write(settings, *(dead(settings, f"long-{n:02}", at=n) for n in range(25)))
    await write(settings, dead(settings, "broken\x1b]0;x", broken, at=9_000))

    status, out, err = await tagwire(settings, "dead", "list")

    lines = out.splitlines()
    assert (status, err) == (0, "")
    assert "\x1b" not in out
    assert lines[0] == f"26 dead letters on {settings.dead_topic}"
    assert [line.split() for line in lines[1:3]] == [["25", "too_long"], ["1", "invalid_json"]]
    newest = lines[5:]
    assert lines[4] == "the newest 20 of 26:"
    assert len(newest) == 20
    assert newest[0].startswith(str(datetime.fromtimestamp(NOW_MS / 1_000 + 9, UTC)))
    assert "broken␛]0;x  invalid_json  no ␛[31mjson" in newest[0]
    assert "long-24  too_long  document has 9 characters" in newest[1]


async def test_a_letter_is_found_by_id_and_by_position_and_shown_readable(settings):
    text = '{"id": "a", "text": "\\u001b[31mÉvora\u009b31m"}'
    [at] = await write(settings, dead(settings, "a", value=text.encode()))
    await write(settings, dead(settings, "b"))

    status, out, err = await tagwire(settings, "dead", "show", "a")
    by_position = await tagwire(settings, "dead", "show", f"{at.partition}:{at.offset}")

    assert (status, err) == (0, "")
    assert by_position == (status, out, err)
    assert not {"\x1b", "\u009b"} & set(out)
    assert "key: a\n" in out
    assert "tagwire-source-offset: 1000\n" in out
    assert '{\n  "id": "a",\n  "text": "\\u001b[31mÉvora\ufffd31m"\n}' in out


async def test_a_letter_whose_value_the_broker_refused_says_so(settings):
    message = Message("documents", 2, 7, 7, b"a", document("a"))
    await write(settings, dead_letter_without_value(message, letter(settings, message)))

    _, out, _ = await tagwire(settings, "dead", "show", "a")

    assert "(the broker refused the value)" in out


async def test_a_letter_that_is_not_there_is_an_error_of_one_line(settings):
    status, out, err = await tagwire(settings, "dead", "show", "nobody")

    assert (status, out) == (1, "")
    assert err.splitlines() == [
        f"tagwire: no dead letter 'nobody' on {settings.dead_topic}; `tagwire dead list` shows them"
    ]


async def test_the_status_counts_the_letters_by_reason(settings):
    assert (await read_status(settings)).rows["dead letters"] == "0"

    await write(settings, dead(settings, "a"), dead(settings, "b"))
    await write(settings, dead(settings, "c", InvalidJsonError("x")))

    rows = (await read_status(settings)).rows
    assert rows["dead letters"] == "3 (too_long 2, invalid_json 1)"


async def test_tail_shows_the_letters_between_the_entities_but_not_as_data(settings, tmp_path):
    await write(settings, dead(settings, "a\x1b"))
    gone = Message(settings.documents_topic, 0, 0, NOW_MS, b"b", None)
    await write(settings, tombstone(settings.entities_topic, gone))

    text, data = tmp_path / "text", tmp_path / "data"
    environment = variables(settings.model_dump(exclude_unset=True))
    for log, options in ((text, []), (data, ["--json"])):
        with running(Process([*TAIL, *options], log, environment)) as tail:
            await until(lambda tail=tail: shows(tail, "b"), "the deletion is shown", of=tail)
            if log == text:
                await until(lambda tail=tail: shows(tail, "dead letter  a␛"), "the letter", of=tail)

    assert "dead letter  a␛  too_long  document has 9 characters" in text.read_text()
    assert data.read_text() == '{"document_id":"b","deleted":true}\n'


@pytest.mark.parametrize("bootstrap", [KAFKA], indirect=True)
async def test_letters_of_transactions_are_read_to_the_last_one_that_is_finished(settings):
    producer = AIOKafkaProducer(transactional_id="worker", **settings.kafka())
    await producer.start()
    for name in ("kept", "aborted", "kept too"):
        record = dead(settings, name)
        await producer.begin_transaction()
        await producer.send_and_wait(
            record.topic, record.value, key=record.key, headers=list(record.headers)
        )
        await (producer.abort_transaction() if name == "aborted" else producer.commit_transaction())
    await producer.stop()

    assert (await overview(settings)).reasons == {"too_long": 2}
    assert len(await find(settings, "kept too")) == 1
    assert await find(settings, "aborted") == []
