"""The tools of the benchmark ``peers`` in their own environment, on an engine that is scripted."""

import asyncio
from contextlib import asynccontextmanager

import orjson
import pytest
from aiohttp import web
from peers.by_tool import TOOLS, lines_of
from peers.counter import Counter
from peers.question import Question

FOUND, UNREADABLE, REFUSED, EMPTY = SENTENCES = (
    "Ada Kern left Varna for 🚢 Oslo.",
    "Bo Lind stayed.",
    "Cy Holt came.",
    "Rain fell.",
)
SHOWN = "Wanjiru Mutua slept."
SAID = {
    "spacy-llm, NER.v3": {
        FOUND: "1. Ada Kern | True | person | a person\n2. Oslo | True | Place Name | a place",
        UNREADABLE: "I am sorry.",
        EMPTY: "",
    },
    "spacy-llm, NER.v2": {
        FOUND: "person: Ada Kern\nplace name: Oslo",
        UNREADABLE: "I am sorry.",
        EMPTY: "person:\nplace name:",
    },
    "LangExtract": {
        FOUND: '{"extractions": [{"person": "Ada Kern"}, {"place name": "Oslo"}]}',
        UNREADABLE: '{"extractions": [{"person": "Bo',
        EMPTY: '{"extractions": []}',
    },
}


@asynccontextmanager
async def scripted(said, bodies):
    """An engine that says what is scripted about a sentence, and refuses the others."""

    async def answer(request):
        bodies.append(body := orjson.loads(await request.read()))
        prompt = body["messages"][-1]["content"]
        (sentence,) = (sentence for sentence in SENTENCES if sentence in prompt)
        if sentence not in said:
            return web.json_response({"error": {"message": "refused", "code": 400}}, status=400)
        message = {"role": "assistant", "content": said[sentence]}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        usage = {"prompt_tokens": 100, "completion_tokens": 9, "total_tokens": 109}
        head = {"id": "scripted", "object": "chat.completion", "created": 0, "model": "tiny"}
        return web.json_response({**head, "choices": [choice], "usage": usage})

    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


async def ask(tool):
    bodies = []
    async with scripted(SAID[tool], bodies) as url, Counter(url) as counter:
        asked = Question(
            url=counter.url,
            model="tiny",
            max_tokens=77,
            types={"person": "a human", "place name": "a spot on a map"},
            demonstrations=[{"text": SHOWN, "entities": [(0, 13, "person")]}],
            sentences=[*SENTENCES],
        )
        lines = await lines_of(TOOLS[tool], asked)
    return dict(zip(SENTENCES, lines, strict=True)), bodies, counter.counts


@pytest.fixture(scope="module", params=SAID)
def told(request):
    """What a tool found, what it asked, and what was counted; its process runs once."""
    return asyncio.run(ask(request.param))


def test_entities_have_their_place_in_code_points_and_their_type(told):
    lines, _, _ = told
    found = {(FOUND[start:end], kind) for start, end, kind in lines[FOUND]["entities"]}
    assert found == {("Ada Kern", "person"), ("Oslo", "place name")}
    assert lines[FOUND]["failure"] is None


def test_an_answer_that_cannot_be_read_is_a_failure_without_entities(told):
    lines, _, _ = told
    assert lines[UNREADABLE]["failure"]
    assert lines[UNREADABLE]["entities"] == []


def test_a_refused_question_is_a_failure_without_entities(told):
    lines, _, _ = told
    assert "refused" in lines[REFUSED]["failure"]
    assert lines[REFUSED]["entities"] == []


def test_a_sentence_without_entities_is_no_failure(told):
    lines, _, _ = told
    assert lines[EMPTY] == {"entities": [], "failure": None}


def test_demonstrations_types_and_their_definitions_are_shown(told):
    _, bodies, _ = told
    for body in bodies:
        prompt = body["messages"][-1]["content"]
        assert all(text in prompt for text in (SHOWN, "Wanjiru Mutua", "a spot on a map"))


def test_every_question_is_greedy_and_bounded(told):
    _, bodies, _ = told
    for body in bodies:
        assert (body["model"], body["temperature"], body["max_tokens"]) == ("tiny", 0.0, 77)


def test_an_answer_may_have_types_that_no_demonstration_has(told):
    _, bodies, _ = told
    assert all("place name" in orjson.dumps(body).decode() for body in bodies)


def test_every_sentence_is_asked_once_and_counted(told):
    _, bodies, counts = told
    assert len(bodies) == counts.requests == len(SENTENCES)
    assert (counts.prompt_tokens, counts.completion_tokens) == (300, 27)
