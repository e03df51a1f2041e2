"""Records and documents are read from their topics, and items of ninjs are sent to them."""

import json

import pytest
from aiokafka import AIOKafkaProducer
from structlog.testing import capture_logs
from support.tagged import ORIGIN, entity, record

from streams.client.ninjs import read_items
from streams.client.send import send
from streams.client.tagged import tagged_documents
from streams.client.topic_log import TopicLog
from streams.export.tagged import NOT_FOUND
from streams.wire.codec import encode
from streams.wire.messages import Message
from streams.wire.sources import source_headers

pytestmark = pytest.mark.integration


@pytest.fixture
async def producer(settings):
    made = AIOKafkaProducer(**settings.kafka())
    await made.start()
    yield made
    await made.stop()


async def tagged(settings, producer, document, *entities, partition=0):
    """Put a document and its record on their topics, as a worker does."""
    key, topic = document["id"].encode(), settings.documents_topic
    sent = await producer.send_and_wait(topic, encode(document), key=key, partition=partition)
    place = {"topic": topic, "partition": partition, "offset": sent.offset}
    made = record(document, *entities, origin={**ORIGIN, **place})
    value = encode(made.model_dump())
    await producer.send_and_wait(settings.entities_topic, value, key=key, partition=partition)
    return made


async def delete(settings, producer, document_id, offset):
    message = Message(settings.documents_topic, 0, offset, 0, document_id.encode(), None)
    await producer.send_and_wait(
        settings.entities_topic,
        None,
        key=message.key,
        partition=0,
        headers=list(source_headers(message)),
    )


async def test_records_of_the_topic_find_their_texts_on_the_other(settings, producer):
    old = {"id": "a", "text": "Ada left."}
    new = {"id": "a", "text": "Ada came 🚀 to Rome."}
    await tagged(settings, producer, {"id": "b", "text": "Bob."}, partition=1)
    await tagged(settings, producer, old, entity(0, 3))
    wanted = await tagged(settings, producer, new, entity(14, 18, "location"))
    await tagged(settings, producer, {"id": "gone", "text": "x"})
    await delete(settings, producer, "gone", 3)

    found, newest, misfits = await tagged_documents(settings, settings.entities_topic, None)

    by_id = {one.record.document_id: one for one in found}
    assert by_id.keys() == {"a", "b"}
    assert (by_id["a"].record, by_id["a"].text) == (wanted, new["text"])
    assert by_id["b"].text == "Bob."
    assert (newest.older, newest.deleted, misfits) == (1, 1, [])


async def test_what_is_no_record_on_the_topic_is_named_by_its_place(settings, producer):
    await producer.send_and_wait(settings.entities_topic, b"no JSON", key=b"x", partition=1)

    found, newest, _ = await tagged_documents(settings, settings.entities_topic, None)

    assert found == []
    assert [where for where, _ in newest.misfits] == ["1:0"]


async def put(settings, producer, key, value):
    topic = settings.documents_topic
    await producer.send_and_wait(topic, value, key=key, partition=0)


async def test_what_died_among_the_documents_is_no_fault_of_the_records(settings, producer):
    await tagged(settings, producer, {"id": "a", "text": "Ada left."}, entity(0, 3))
    await put(settings, producer, b"x", b"no JSON")
    await put(settings, producer, None, b"no JSON")
    await put(settings, producer, b"\xff", b"{}")
    await put(settings, producer, b"a", b"no JSON")
    await tagged(settings, producer, {"id": "b", "text": "Bob."})

    found, _, misfits = await tagged_documents(settings, settings.entities_topic, None)

    assert {one.text for one in found} == {"Ada left.", "Bob."}
    assert misfits == []


async def test_a_document_that_cannot_be_read_is_named_if_its_record_lacks_it(settings, producer):
    await put(settings, producer, b"a", b"no JSON")
    lost = record({"id": "a", "text": "x"}, origin={**ORIGIN, "topic": settings.documents_topic})
    value = encode(lost.model_dump())
    await producer.send_and_wait(settings.entities_topic, value, key=b"a", partition=0)

    [one], _, misfits = await tagged_documents(settings, settings.entities_topic, None)

    assert one.text is None
    assert [where for where, _ in misfits] == ["0:0"]


async def test_records_outlive_the_documents_of_a_topic_that_was_created_again(
    settings, producer, tmp_path
):
    await tagged(settings, producer, {"id": "a", "text": "Ada left."}, entity(0, 3))
    origin = {**ORIGIN, "topic": settings.documents_topic, "offset": 500}
    lines = [encode(record({"id": "b", "text": "Bob."}, origin=origin).model_dump())]
    (tmp_path / "entities.jsonl").write_bytes(b"\n".join(lines))

    with capture_logs() as logged:
        [one], _, _ = await tagged_documents(
            settings, str(tmp_path / "entities.jsonl"), settings.documents_topic
        )

    assert (one.text, one.missing) == (None, NOT_FOUND)
    assert [(warning["end"], warning["wanted"]) for warning in logged] == [(1, 501)]


async def test_empty_topics_have_no_records(settings):
    assert (await tagged_documents(settings, settings.entities_topic, None))[0] == []


async def test_items_of_ninjs_are_sent_and_canceled_ones_deleted(settings, tmp_path):
    item = {"uri": "a:1", "bodies": [{"value": "Ada left."}]}
    canceled = {"uri": "a:1", "pubStatus": "canceled"}
    path = tmp_path / "items.json"
    path.write_text(json.dumps([item, canceled]), "utf-8")

    entries = [entry async for entry in send(settings, read_items(str(path)))]

    assert [entry.id for entry in entries] == ["a:1", "a:1"]
    async with TopicLog(settings, settings.documents_topic) as log:
        messages = [m async for batch in log.read() for m in batch]
    assert [m.key for m in messages] == [b"a:1", b"a:1"]
    assert json.loads(messages[0].value)["text"] == "Ada left."
    assert messages[1].value is None
