"""Records find the texts that they were made from, and no others."""

import json

import pytest
from support.tagged import entity, record

from ner_core.errors import ConfigurationError
from streams.client.tagged import is_topic, tagged_documents
from streams.export.tagged import CHANGED, MISPLACED, NOT_FOUND
from streams.settings import load_settings
from streams.wire.codec import encode

ADA = {"id": "a", "title": "News", "text": "Ada 🚀 left Rome."}


def written(folder, records, documents):
    (folder / "entities.jsonl").write_bytes(
        b"\n".join(encode(record.model_dump()) for record in records)
    )
    (folder / "feed.jsonl").write_text("\n".join(map(json.dumps, documents)), "utf-8")
    return str(folder / "entities.jsonl"), str(folder / "feed.jsonl")


async def read(folder, records, documents):
    found, _, misfits = await tagged_documents(
        load_settings(), *written(folder, records, documents)
    )
    return found, misfits


async def test_a_record_has_the_text_of_its_document(tmp_path):
    [one], misfits = await read(tmp_path, [record(ADA, entity(11, 15))], [ADA])

    assert (one.text, one.missing, misfits) == (ADA["text"], "", [])
    assert one.fields == (("title", "News"), ("text", ADA["text"]))


async def test_the_version_that_was_tagged_is_found_among_others(tmp_path):
    others = [{**ADA, "text": "Eve"}, {**ADA, "text": "Bob"}]
    [one], _ = await read(tmp_path, [record(ADA)], [others[0], ADA, others[1]])

    assert one.text == ADA["text"]


async def test_a_document_that_has_changed_gives_no_text(tmp_path):
    [one], _ = await read(tmp_path, [record(ADA, entity(0, 3))], [{**ADA, "text": "Ada stayed."}])

    assert (one.text, one.missing) == (None, CHANGED)


async def test_a_document_that_is_not_there_is_said_to_be_missing(tmp_path):
    [one], _ = await read(tmp_path, [record(ADA)], [{**ADA, "id": "b"}])

    assert (one.text, one.missing) == (None, NOT_FOUND)


async def test_entities_that_are_not_at_their_offsets_give_no_text(tmp_path):
    value = record(ADA, entity(0, 3))
    moved = value.entities[0].model_copy(update={"start": 1, "end": 4})
    [one], _ = await read(tmp_path, [value.model_copy(update={"entities": (moved,)})], [ADA])

    assert (one.text, one.missing) == (None, MISPLACED)


async def test_what_is_no_document_is_named_with_its_file_and_line(tmp_path):
    _, misfits = await read(tmp_path, [record(ADA)], [ADA, {"id": "x"}])

    [(where, error)] = misfits
    assert where == f"{tmp_path / 'feed.jsonl'}, line 2"
    assert "text: Field required" in str(error)


async def test_standard_input_cannot_be_both():
    with pytest.raises(ConfigurationError, match="cannot both be read from standard input"):
        await tagged_documents(load_settings(), "-", "-")


def test_a_folder_of_the_name_of_a_topic_does_not_hide_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "documents").mkdir()

    assert is_topic("documents", "documents")


def test_a_file_of_the_name_of_a_topic_is_read_and_not_the_topic(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "documents").touch()

    assert not is_topic("documents", "documents")
