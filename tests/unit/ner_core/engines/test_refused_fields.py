"""Models that refuse the older fields of a request are asked without them."""

import json

import pytest

from ner_core import engines
from ner_core.engines.refused_fields import refused_in, without
from ner_core.ensemble import Ensemble
from ner_core.errors import PromptTooLongError
from ner_core.ports import Message, Request
from ner_core.stores import NullStore
from ner_core.testing import ScriptedEngine
from ner_core.testing.replies import UNSUPPORTED

ASKED = Request((Message("user", "Text: Bo Falk left.\nList every named entity"),), 24)


def connected_to(server):
    backbone = {"name": "gpt", "style": "chat", "context_tokens": 4096, "url": server.url}
    ensemble = Ensemble.model_validate(
        {
            "name": "x",
            "verifier": "gpt",
            "backbone": [backbone],
            "embedder": {"name": "encoder", "url": server.url},
        }
    )
    return engines.connect(ensemble, store=NullStore())


def passed_on(said):
    """Give a refusal as a gateway passes it on."""
    return json.dumps({"error": {"message": f"[gpt-5.4] [400]: {said}", "code": "bad"}})


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        (UNSUPPORTED["max_tokens"], {"max_tokens"}),
        (UNSUPPORTED["temperature"], {"temperature"}),
        (passed_on(passed_on(UNSUPPORTED["max_tokens"])), {"max_tokens"}),
        ("Unsupported parameter: 'temperature' is not supported with this model.", {"temperature"}),
        ("`temperature` is deprecated for this model.", {"temperature"}),
        (
            "gpt-5 models don't support temperature=0. Only temperature=1 is supported",
            {"temperature"},
        ),
        ("'max_tokens' or 'max_completion_tokens' is too large: 5000. This model's maximum", set()),
        ("max_tokens must be at least 1, got -5.", set()),
        ("Unsupported parameter: 'logprobs' is not supported with this model.", set()),
        ("temperature must be in [0, 2]", set()),
        ('{"error": {"message": "no"}, "input": "temperature is not supported"}', set()),
    ],
)
def test_a_refusal_is_about_the_fields_that_it_calls_unsupported(said, fields):
    assert refused_in(said) == fields


def test_a_body_has_the_newer_name_of_a_limit_and_no_temperature_where_they_are_refused():
    body = {"model": "m", "max_tokens": 8, "temperature": 0}

    assert without(body, set()) == body
    assert without(body, {"max_tokens"}) == {
        "model": "m", "max_completion_tokens": 8, "temperature": 0
    }  # fmt: skip
    assert without(body, {"temperature"}) == {"model": "m", "max_tokens": 8}


@pytest.mark.parametrize(
    ("refuses", "sent"),
    [
        (("max_tokens",), {"max_completion_tokens": 24, "temperature": 0}),
        (("temperature",), {"max_tokens": 24}),
        (("max_tokens", "temperature"), {"max_completion_tokens": 24}),
    ],
)
async def test_a_model_that_refuses_older_fields_is_asked_without_them_from_then_on(refuses, sent):
    async with (
        ScriptedEngine(("gpt", "encoder"), refuses=refuses) as server,
        connected_to(server) as connected,
    ):
        before = server.bodies
        [answer] = await connected.engines["gpt"].answer([ASKED])
        last = server.last_body
        await connected.canaries["gpt"]()

    assert answer.text == '{"entities":["Bo Falk"]}'
    assert {name: last[name] for name in last.keys() - {"model", "messages"}} == sent
    assert server.bodies == before + 1 + engines.CANARIES


async def test_a_prompt_that_is_too_long_is_not_asked_again_in_newer_words():
    async with ScriptedEngine(("gpt", "encoder")) as server, connected_to(server) as connected:
        server.max_model_len, before = 10, server.bodies
        with pytest.raises(PromptTooLongError):
            await connected.engines["gpt"].answer([ASKED])

    assert server.bodies == before + 1
