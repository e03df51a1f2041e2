"""Tagging a file: a bounded window, patience with engines, one outcome for each line."""

import asyncio
import json
from dataclasses import replace

import pytest
from structlog.testing import capture_logs
from support.pipelines import Fixed, pipeline

from ner_core.errors import (
    ConfigurationError,
    EngineBusyError,
    EngineDownError,
    EngineLostError,
    EngineRequestError,
    UnknownLabelSetError,
)
from streams.client.files import Line
from streams.client.offline import fill_pool, tag_lines
from streams.client.patience import Patience, UntaggableError
from streams.settings import load_settings


def line(number, text="Ada Kern left Varna."):
    return Line(number, f"d{number}", json.dumps({"id": f"d{number}", "text": text}).encode())


class Failing(Fixed):
    """Raises an error for every prompt that holds its word; ``times`` bounds how often."""

    def __init__(self, error, *, word, times=10**9):
        super().__init__("gemma", kind="person")
        self.error, self.word, self.left, self.failures = error, word, times, 0

    async def answer(self, requests, *, priority=0):
        if self.left and any(self.word in str(request.prompt) for request in requests):
            self.left -= 1
            self.failures += 1
            raise self.error
        return await super().answer(requests, priority=priority)


async def tagging(engine, lines, patience_s=60.0):
    patience = Patience(0.001, 0.002, patience_s)
    return tag_lines(await pipeline(engine), load_settings(), "feed", lines, patience)


async def outcomes(engine, lines):
    """What comes of each line: the id of its record, or the error."""
    return [
        json.loads(item[1])["document_id"] if isinstance(item[0], Line) else item[1]
        async for item in await tagging(engine, lines)
    ]


async def test_a_label_set_is_that_of_documents_that_state_none():
    plain, stated = line(1), line(2)
    stated = replace(stated, value=stated.value[:-1] + b', "label_set": "news"}')
    asked = [replace(one, label_set="ships") for one in (plain, stated)]
    tagged = await tagging(Fixed("gemma", kind="person"), asked)

    items = [item async for item in tagged]

    assert isinstance(items[0][1], UnknownLabelSetError)  # the pipeline has news alone
    assert json.loads(items[1][1])["label_set"] == "news"


@pytest.mark.parametrize("error", [EngineBusyError, EngineDownError])
async def test_an_engine_that_is_busy_or_restarting_is_waited_for(error):
    engine = Failing(error("gemma", "not now"), word="Varna", times=20)

    assert await outcomes(engine, [line(n) for n in range(6)]) == [f"d{n}" for n in range(6)]
    assert engine.failures == 20


async def test_an_engine_that_never_answers_ends_the_run_after_what_is_done_came_out():
    engine = Failing(EngineDownError("gemma", "connection refused"), word="Varna")
    lines = [line(1, "Bo Falk came."), line(2)]
    tagged = await tagging(engine, lines, patience_s=0)

    assert (await anext(tagged))[0].id == "d1"
    with pytest.raises(EngineDownError, match="connection refused"):
        await anext(tagged)


async def test_a_document_that_an_engine_refuses_is_a_refused_line_and_the_others_are_tagged():
    engine = Failing(EngineRequestError("gemma", "bad request"), word="Varna")
    found = await outcomes(engine, [line(1, "Bo Falk came."), line(2), line(3, "Ada Kern left.")])

    assert isinstance(found[1], UntaggableError)
    assert "bad request" in str(found[1])
    assert [found[0], found[2]] == ["d1", "d3"]


async def test_a_document_that_kills_its_engine_is_refused_and_its_neighbours_are_tagged():
    engine = Killed(EngineLostError("gemma", "died"), word="Varna")
    found = await outcomes(engine, [line(n, "Bo Falk came.") for n in range(3)] + [line(3)])

    assert found[:3] == ["d0", "d1", "d2"]
    assert isinstance(found[3], UntaggableError)
    assert engine.deaths == 3


class Killed(Failing):
    """Dies of its word, with all that is in flight then."""

    deaths = 0
    in_flight = 0

    async def answer(self, requests, *, priority=0):
        deaths = self.deaths
        self.in_flight += 1
        if any(self.word in str(request.prompt) for request in requests):
            self.deaths += 1
        await asyncio.sleep(0.001)
        self.in_flight -= 1
        if self.deaths != deaths:
            raise self.error
        return await Fixed.answer(self, requests, priority=priority)


async def test_only_a_bounded_number_of_documents_is_begun_before_the_first_is_taken():
    before = len(asyncio.all_tasks())
    engine = Fixed("gemma", kind="person")
    tagged = await tagging(engine, [line(n) for n in range(1000)])

    await anext(tagged)

    assert len(asyncio.all_tasks()) - before < 50
    await tagged.aclose()
    assert len(asyncio.all_tasks()) == before


async def test_demonstrations_that_are_wrong_are_named_with_file_line_and_id(tmp_path):
    path = tmp_path / "own.jsonl"
    good = {"id": "a", "text": "Ada left.", "entities": []}
    wrong = {"id": "b", "text": "Ada", "entities": [{"start": 0, "end": 99, "type": "person"}]}
    path.write_text(json.dumps(good) + "\n" + json.dumps(wrong) + "\n{no\n", "utf-8")

    with pytest.raises(Exception, match="no demonstration was loaded, 2 of 3") as raised:
        await fill_pool(
            await pipeline(Fixed("gemma", kind="person")), load_settings(demonstrations=path)
        )

    said = str(raised.value)
    assert said.startswith(str(path))
    assert "line 2 (id 'b'): [0, 99) is not a span of the text" in said
    assert "line 3: value is not JSON" in said


async def test_demonstrations_of_unknown_types_are_left_out_as_a_worker_does(tmp_path):
    path = tmp_path / "own.jsonl"
    kinds = {"a": "person", "b": "Person", "c": "ship"}
    path.write_text(
        "\n".join(
            json.dumps(
                {
                    "id": name,
                    "text": "Ada left.",
                    "entities": [{"start": 0, "end": 3, "type": kind}],
                }
            )
            for name, kind in kinds.items()
        ),
        "utf-8",
    )
    built = await pipeline(Fixed("gemma", kind="person"))

    with capture_logs() as logs:
        assert await fill_pool(built, load_settings(demonstrations=path)) == 1

    (warning,) = logs
    assert (warning["event"], warning["number"]) == ("demonstrations left out", 2)
    assert "demonstration 'b': type 'Person' is not in its label set; known:" in warning["first"]


async def test_ids_of_demonstrations_that_occur_twice_are_a_warning(tmp_path):
    path = tmp_path / "own.jsonl"
    ids, texts = ("a", "1", "1", "1"), ("Ada.", "Bo.", "Cy.", "Di.")
    lines = [
        {"id": name, "text": text, "entities": []} for name, text in zip(ids, texts, strict=True)
    ]
    path.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    built = await pipeline(Fixed("gemma", kind="person"))

    with capture_logs() as logs:
        assert await fill_pool(built, load_settings(demonstrations=path)) == 2

    (warning,) = logs
    assert warning["event"] == "ids occur more than once; the last of each counts"
    assert (warning["number"], warning["first"]) == (1, "1")


async def test_a_file_of_demonstrations_may_be_marked_but_is_no_array(tmp_path):
    path, good = tmp_path / "own.jsonl", '{"id": "a", "text": "Ada left.", "entities": []}'
    built = await pipeline(Fixed("gemma", kind="person"))

    path.write_text("\ufeff" + good, "utf-8")
    assert await fill_pool(built, load_settings(demonstrations=path)) == 1

    path.write_text(f"[{good}]", "utf-8")
    with pytest.raises(ConfigurationError, match=r"1 of 1 are wrong: line 1: a JSON array"):
        await fill_pool(built, load_settings(demonstrations=path))


async def test_a_document_over_the_worker_s_limit_is_a_refused_line_of_its_own():
    long = line(2, "x" * (load_settings().max_document_chars + 1))

    first, second, third = await outcomes(Fixed("gemma", kind="person"), [line(1), long, line(3)])

    assert (first, third) == ("d1", "d3")
    assert "max_document_chars" in str(second)
