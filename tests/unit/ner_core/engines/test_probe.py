"""What a server is seen to do with a list of prompts, and what it says that it serves."""

import asyncio
from contextlib import asynccontextmanager

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from ner_core.engines.client import OpenAIEngine
from ner_core.engines.http import opened
from ner_core.engines.priority_semaphore import PrioritySemaphore
from ner_core.engines.probe import Probe
from ner_core.errors import EngineBusyError, EngineLostError, EngineRequestError
from ner_core.ports import Message, Request
from ner_core.stages.member import surfaces_schema


def choices_of(prompts):
    """Choices as of a model that goes on with the last word."""
    return [{"index": n, "text": p.rsplit(" ", 1)[-1]} for n, p in enumerate(prompts)]


@asynccontextmanager
async def probe_of(listed, *, alone=choices_of, timeout_s=5, path="/v1"):
    """A probe of a server that answers single prompts well, and lists as it is told."""

    async def completions(request):
        prompt = (await request.json())["prompt"]
        if isinstance(prompt, list):
            return await listed(request, prompt)
        return web.json_response({"choices": alone([prompt])})

    async def version(request):
        return web.json_response({"version": request.path})

    async def models(_):
        return web.json_response({"data": [{"id": "gemma"}]})

    app = web.Application()
    app.router.add_post("/v1/completions", completions)
    app.router.add_get(f"{path}/models", models)
    app.router.add_get("/{path:.*}version", version)
    async with (
        TestServer(app) as server,
        opened(str(server.make_url(path)), timeout_s=timeout_s) as client,
    ):
        yield Probe(client, "gemma", chat=False)


async def right(_, prompts):
    return web.json_response({"choices": choices_of(prompts)})


async def numbered_as_they_ended(_, prompts):
    return web.json_response({"choices": choices_of(prompts[::-1])})


async def the_first_for_all(_, prompts):
    return web.json_response({"choices": choices_of([prompts[0]] * len(prompts))})


async def hanging(*_):
    await asyncio.Event().wait()


async def cut(request, _):
    request.transport.abort()
    return web.Response()


def saying(json, status=200):
    async def reply(*_):
        return web.json_response(json, status=status)

    return reply


async def test_a_list_that_is_answered_as_its_prompts_are_alone_is_a_feature():
    async with probe_of(right) as probe:
        assert (await probe.features())["prompt_lists"]


@pytest.mark.parametrize("listed", [numbered_as_they_ended, the_first_for_all])
async def test_a_list_whose_answers_are_of_other_prompts_is_none(listed):
    async with probe_of(listed) as probe:
        assert not (await probe.features())["prompt_lists"]


@pytest.mark.parametrize("served", ["gemma:latest", "/models/gemma.gguf"])
async def test_a_model_that_its_server_calls_otherwise_is_named_with_the_remedy(served):
    async def models(_):
        return web.json_response({"data": [{"id": served}]})

    app = web.Application()
    app.router.add_get("/v1/models", models)
    async with TestServer(app) as server, opened(str(server.make_url("/v1")), timeout_s=5) as c:
        with pytest.raises(EngineRequestError, match=f"serves {served}; .*name the model as its"):
            await Probe(c, "gemma", chat=True).revision()


def the_same(prompts):
    return [{"index": n, "text": "the"} for n, _ in enumerate(prompts)]


async def the_same_for_all(_, prompts):
    return web.json_response({"choices": the_same(prompts)})


async def test_a_model_whose_answers_are_all_alike_shows_nothing_of_lists():
    async with probe_of(the_same_for_all, alone=the_same) as probe:
        assert not (await probe.features())["prompt_lists"]


async def test_a_model_whose_answers_are_alike_by_chance_is_asked_once_more():
    beginnings = []

    def by_chance(prompts):
        """Return what it says: always the same with the first beginning."""
        beginnings.extend(p.split()[0] for p in prompts if "word" in p)
        first = [p.split()[0] in beginnings[:1] for p in prompts]
        return the_same(prompts) if all(first) else choices_of(prompts)

    async def listed(_, prompts):
        return web.json_response({"choices": by_chance(prompts)})

    async with probe_of(listed, alone=by_chance) as probe:
        assert (await probe.features())["prompt_lists"]
    assert len(set(beginnings)) == 2


@pytest.mark.parametrize(
    "listed",
    [
        saying([]),
        saying("no"),
        saying({"choices": [None, None]}),
        saying({"choices": [{"index": 0, "text": "one"}]}),
        *(saying({"error": "no"}, status) for status in (400, 401, 413, 429, 500, 502, 503)),
        cut,
    ],
)
async def test_a_server_that_fails_at_a_list_is_asked_for_one_prompt_at_a_time(listed):
    async with probe_of(listed) as probe:
        assert not (await probe.features())["prompt_lists"]


async def test_a_server_that_hangs_at_a_list_is_asked_for_one_prompt_at_a_time():
    async with probe_of(hanging, timeout_s=0.5) as probe:
        assert not (await probe.features())["prompt_lists"]


def broken(*_):
    return web.json_response({"error": "grammar compiler crashed"}, status=500)


def without_choices(*_):
    return web.json_response({"error": {"message": "not implemented", "code": "unsupported"}})


def cut_off(request, _):
    request.transport.abort()
    return web.Response()


@asynccontextmanager
async def probe_of_chat(fails, field):
    """A probe of a server that fails at requests with a field, in a way; and its requests."""
    asked = []

    async def chat(request):
        body = await request.json()
        asked.append(body)
        if field in body and (failure := fails(request, asked)):
            return failure
        return web.json_response({"choices": [{"message": {"content": "velvet"}}]})

    app = web.Application()
    app.router.add_post("/v1/chat/completions", chat)
    async with TestServer(app) as server, opened(str(server.make_url("/v1")), timeout_s=5) as c:
        yield Probe(c, "gemma", chat=True), asked


@pytest.mark.parametrize(
    ("field", "feature"),
    [
        ("structured_outputs", "choices"),
        ("logprobs", "logprobs"),
        ("response_format", "schema"),
        ("priority", "priority"),
    ],
)
@pytest.mark.parametrize("fails", [broken, without_choices, cut_off])
async def test_a_server_that_fails_at_a_feature_alone_lacks_it_and_the_log_says_so(
    fails, field, feature
):
    async with probe_of_chat(fails, field) as (probe, _):
        with capture_logs() as logs:
            features = await probe.features()

    assert not features[feature]
    assert [log["feature"] for log in logs if log["log_level"] == "warning"] == [feature]


async def test_a_feature_that_failed_once_is_tried_again():
    def once(request, asked):
        first = sum("structured_outputs" in body for body in asked) == 1
        return broken(request, asked) if first else None

    async with probe_of_chat(once, "structured_outputs") as (probe, _):
        assert (await probe.features())["choices"]


@pytest.mark.parametrize("status", [429, 503])
async def test_a_server_that_is_busy_says_nothing_about_its_features(status):
    def busy(*_):
        return web.json_response({}, status=status)

    async with probe_of_chat(busy, "structured_outputs") as (probe, _):
        with pytest.raises(EngineBusyError):
            await probe.features()


async def test_a_server_that_fails_at_plain_requests_is_lost():
    async with probe_of_chat(broken, "model") as (probe, _):
        with pytest.raises(EngineLostError):
            await probe.features()


def keeping_schemas(refuses):
    """What a server does that keeps every schema but those with what it refuses."""

    def reply(asked):
        [(name, spec)] = asked["response_format"]["json_schema"]["schema"]["properties"].items()
        if refuses(spec):
            return web.json_response({"error": {"message": f"{name}: not supported"}}, status=400)
        said = orjson.dumps({name: spec.get("enum", [[]])[0]}).decode()
        return web.json_response({"choices": [{"message": {"content": said}}]})

    return lambda _, asked: reply(asked[-1])


@pytest.mark.parametrize(
    ("refuses", "schema", "max_items"),
    [
        (lambda _: False, True, True),
        (lambda spec: "type" not in spec, True, True),
        (lambda spec: "maxItems" in spec, True, False),
        (lambda spec: spec["type"] == "array", False, False),
        (lambda spec: "enum" in spec, False, False),
    ],
)
async def test_a_server_is_probed_with_the_schemas_of_the_stages_and_sent_what_it_takes(
    refuses, schema, max_items
):
    async with probe_of_chat(keeping_schemas(refuses), "response_format") as (probe, _):
        features = await probe.features()

    assert (features["schema"], features.get("max_items", False)) == (schema, max_items)


async def test_a_list_is_asked_for_without_its_limit_where_the_server_refuses_limits():
    reply = keeping_schemas(lambda spec: "maxItems" in spec)
    async with probe_of_chat(reply, "response_format") as (probe, _):
        features = await probe.features()
        engine = OpenAIEngine("gemma", "r", features, probe.client, PrioritySemaphore(8))
        asked = Request((Message("user", "Text: Ada left."),), 8, schema=surfaces_schema())

        assert [answer.text for answer in await engine.answer([asked])] == ['{"entities":[]}']


@pytest.mark.parametrize(
    ("path", "asked"), [("/v1", "/version"), ("/llm", "/llm/version"), ("/llm/v1", "/llm/version")]
)
async def test_the_version_is_beside_v1(path, asked):
    async with probe_of(right, path=path) as probe:
        assert await probe.revision() == f"gemma engine {asked}"
