"""Log probabilities in other forms than OpenAI's own."""

import math

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from support.replies import CHAT, PATTERN, answers_of

from ner_core.engines.http import opened
from ner_core.engines.probe import Probe

TOP = {"token": "a", "logprob": -0.1}


@pytest.mark.parametrize(
    "logprobs",
    [
        7,
        [],
        {"content": [{"token": "a"}]},
        {"content": [{"token": "a", "logprob": None, "top_logprobs": []}]},
        {"content": [{**TOP, "top_logprobs": {"a": -0.1, "b": -3.0}}]},
        {"content": [{**TOP, "top_logprobs": [{"token": "b"}]}]},
        {"content": [{**TOP, "top_logprobs": [{"token": "quartz", "logprob": None}]}]},
        {"content": [{"bytes": [97], "logprob": -0.1}]},
        {"tokens": ["a"], "token_logprobs": [-0.1], "top_logprobs": [None]},
        {"tokens": ["a"], "token_logprobs": [-0.1], "top_logprobs": [[["b", -3.0]]]},
        {"tokens": ["a"], "token_logprobs": [-0.1]},
    ],
)
@pytest.mark.parametrize("chat", [True, False])
async def test_log_probabilities_of_another_form_are_not_asked_for(logprobs, chat):
    choice = {"index": 0, "message": {"content": "a"}} if chat else {"index": 0, "text": "a"}
    seen = []

    async def reply(request):
        asked = await request.json()
        seen.append(asked)
        more = {"logprobs": logprobs} if "logprobs" in asked else {}
        return web.json_response({"choices": [choice | more]})

    app = web.Application()
    app.router.add_post("/v1/{path:.*}", reply)
    async with TestServer(app) as server, opened(str(server.make_url("/v1")), timeout_s=5) as c:
        features = await Probe(c, "gemma", chat=chat).features()

    assert any("logprobs" in asked for asked in seen)
    assert not features["logprobs"]


@pytest.mark.parametrize("request_", [CHAT, PATTERN])
@pytest.mark.parametrize(
    "logprobs",
    [
        {"content": [{**TOP, "top_logprobs": [TOP, {"token": "b", "logprob": None}]}]},
        {"tokens": ["a"], "token_logprobs": [-0.1], "top_logprobs": [{"a": -0.1, "b": None}]},
    ],
)
async def test_a_rival_that_is_impossible_may_be_null(request_, logprobs):
    choice = {"index": 0, "message": {"content": "a"}, "text": "a", "logprobs": logprobs}
    request = request_._replace(choices=("a", "b"))

    [answer] = await answers_of(request, json={"choices": [choice]})

    assert answer.probabilities == pytest.approx({"a": 1.0, "b": 0.0})


@pytest.mark.parametrize("request_", [CHAT, PATTERN])
@pytest.mark.parametrize(
    "logprobs",
    [
        {"content": [{"token": "a", "logprob": 0, "top_logprobs": [{"token": "b", "logprob": 0}]}]},
        {"tokens": ["a"], "token_logprobs": [0], "top_logprobs": [{"a": 0, "b": 0}]},
    ],
)
async def test_log_probabilities_are_read_in_either_form_on_either_route(request_, logprobs):
    choice = {"index": 0, "text": "a", "logprobs": logprobs}
    choice |= {"message": {"content": "a"}} if request_ is CHAT else {}

    [answer] = await answers_of(request_._replace(choices=("a", "b")), json={"choices": [choice]})

    assert answer.probabilities == {"a": 0.5, "b": 0.5}


def token_of(token, logprob=0.0, **rivals):
    tops = [{"token": t, "logprob": p} for t, p in {token: logprob, **rivals}.items()]
    return {"token": token, "logprob": logprob, "top_logprobs": tops}


@pytest.mark.parametrize(
    ("said", "tokens", "probabilities"),
    [
        (
            '{"label":"person"}',
            [
                token_of('{"', -0.0003, none=-8.5, person=-9.5),
                token_of("label"),
                token_of('":"'),
                token_of("person", math.log(0.9), none=math.log(0.1)),
                token_of('"}'),
            ],
            {"person": 0.9, "none": 0.1},
        ),
        ("**person**", [token_of("**", none=-8.5), token_of("person"), token_of("**")], None),
        ("person", [token_of("none"), token_of(" fits better? No"), token_of("person")], None),
        ("none or person", [token_of("none"), token_of(" or person")], None),
    ],
)
async def test_probabilities_are_those_of_the_choice_that_is_the_answer(
    said, tokens, probabilities
):
    choice = {"index": 0, "message": {"content": said}, "logprobs": {"content": tokens}}

    [answer] = await answers_of(CHAT, json={"choices": [choice]})

    assert (answer.text, answer.probabilities) == (said, pytest.approx(probabilities))
