"""What every engine does: the one in process, the scripted server, and real vLLM where it runs."""

import os

import pytest

from ner_core import engines
from ner_core.ensemble import Ensemble, load_ensemble
from ner_core.errors import (
    ConfigurationError,
    EngineAccessError,
    EngineBusyError,
    EngineDownError,
    EngineLostError,
    EngineRequestError,
    PromptTooLongError,
)
from ner_core.ports import Message, Request
from ner_core.stores import NullStore
from ner_core.testing import InMemoryStore, RuleEngine, ScriptedEngine

PROMPT = """You find named entities in text. Types:
- person
- city

Text: Ada Kern left Lindholm.
Entities: {"Ada Kern": "person", "Lindholm": "city"}

Text: Bo Falk lives in Varna.
"""
LISTING = Request(PROMPT + "Entities:", 24, stop=("\n",))
CHOOSING = Request(PROMPT + 'Entities: {"Varna": "', 8, stop=('"',), choices=("person", "city"))


def ensemble_at(url, model, style="pattern", embedder=None):
    backbone = {"name": model, "style": style, "context_tokens": 4096, "url": url, "timeout_s": 60}
    return Ensemble.model_validate(
        {
            "name": "contract",
            "verifier": model,
            "backbone": [backbone],
            "embedder": {"name": embedder or model, "url": url},
        }
    )


@pytest.fixture(params=["in process", "scripted", "vllm"])
async def engine(request):
    if request.param == "in process":
        yield RuleEngine("gemma")
        return
    if request.param == "scripted":
        async with (
            ScriptedEngine(("gemma",)) as server,
            engines.connect(ensemble_at(server.url, "gemma"), store=NullStore()) as connected,
        ):
            yield connected.engines["gemma"]
        return
    url, model = os.environ.get("VLLM_URL"), os.environ.get("VLLM_MODEL", "gemma")
    if not url:
        pytest.skip("VLLM_URL names no running vLLM server")
    async with engines.connect(ensemble_at(url, model), store=NullStore()) as connected:
        yield connected.engines[model]


async def test_every_request_has_its_answer_in_order(engine):
    answers = await engine.answer([CHOOSING, LISTING, CHOOSING])

    assert [a.text.strip() in CHOOSING.choices for a in answers] == [True, False, True]


async def test_equal_requests_have_equal_answers(engine):
    [first] = await engine.answer([LISTING])
    [second] = await engine.answer([LISTING])

    assert first.text == second.text


async def test_an_answer_ends_before_its_stop(engine):
    [answer] = await engine.answer([LISTING])

    assert "\n" not in answer.text


async def test_probabilities_of_choices_sum_to_one(engine):
    [answer] = await engine.answer([CHOOSING])

    assert set(answer.probabilities) == set(CHOOSING.choices)
    assert sum(answer.probabilities.values()) == pytest.approx(1, abs=1e-3)


async def test_an_answer_tells_what_it_cost(engine):
    [answer] = await engine.answer([LISTING])

    assert answer.prompt_tokens > 20
    assert answer.completion_tokens > 0
    assert not answer.stored


async def test_no_request_has_no_answer(engine):
    assert await engine.answer([]) == []


@pytest.fixture
async def server():
    async with ScriptedEngine(("gemma",)) as running:
        yield running


@pytest.fixture
async def client(server):
    async with engines.connect(ensemble_at(server.url, "gemma"), store=NullStore()) as connected:
        yield connected.engines["gemma"]


async def test_all_features_of_a_capable_server_are_seen(client):
    seen = {name for name, there in client.features.items() if there}

    assert seen == {"choices", "logprobs", "cached_tokens", "priority", "prompt_lists"}


async def test_a_chat_server_is_seen_to_keep_a_schema(server):
    ensemble = ensemble_at(server.url, "gemma", style="chat")
    async with engines.connect(ensemble, store=NullStore()) as connected:
        assert connected.engines["gemma"].features["schema"]


async def test_fields_of_the_ensemble_file_are_part_of_the_revision_and_sent(server):
    plain = ensemble_at(server.url, "gemma")
    extra = {"chat_template_kwargs": {"enable_thinking": False}}
    backbone = plain.backbone[0].model_copy(update={"extra_body": extra})
    changed = plain.model_copy(update={"backbone": (backbone,)})

    async with (
        engines.connect(plain, store=NullStore()) as before,
        engines.connect(changed, store=NullStore()) as after,
    ):
        await after.engines["gemma"].answer([LISTING])

    assert server.last_body["chat_template_kwargs"] == {"enable_thinking": False}
    assert after.engines["gemma"].revision != before.engines["gemma"].revision


async def test_a_model_that_is_gone_is_waited_for(server, client):
    server.models = ("another",)

    with pytest.raises(EngineAccessError) as failed:
        await client.answer([LISTING])

    assert failed.value.retryable


async def test_a_server_that_serves_another_model_is_refused_with_what_it_serves(server):
    with pytest.raises(EngineRequestError, match="serves gemma"):
        async with engines.connect(ensemble_at(server.url, "phi-4"), store=NullStore()):
            pass


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"refuse": 1, "status": 503}, EngineBusyError),
        ({"refuse": 1, "status": 429}, EngineBusyError),
        ({"refuse": 1, "status": 500}, EngineLostError),
        ({"refuse": 1, "status": 400}, EngineRequestError),
        ({"drop": 1}, EngineLostError),
        ({"garble": 1}, EngineLostError),
    ],
)
async def test_a_failure_is_told_by_its_kind(server, client, fault, error):
    for name, value in fault.items():
        setattr(server.faults, name, value)

    with pytest.raises(error):
        await client.answer([LISTING])


async def test_a_prompt_over_the_context_is_told_apart(server, client):
    server.max_model_len = 10

    with pytest.raises(PromptTooLongError):
        await client.answer([LISTING])


async def test_a_server_that_is_gone_is_down_and_a_retry_can_help(server, client):
    await server.__aexit__()

    with pytest.raises(EngineDownError) as failed:
        await client.answer([LISTING])
    assert failed.value.retryable


async def test_a_request_with_a_lone_surrogate_is_answered(client):
    [answer] = await client.answer([Request("Text: a\ud800b\nEntities:", 8, stop=("\n",))])

    assert answer.text


async def test_after_a_failed_call_only_what_was_not_answered_is_asked(server):
    ensemble, store = ensemble_at(server.url, "gemma"), InMemoryStore()
    asked = [Request(f"Text: Person{n:02} left.\nEntities:", 8, stop=("\n",)) for n in range(64)]
    async with engines.connect(ensemble, store=store) as connected:
        server.requests, server.faults.refuse_on = 0, "Person40"
        with pytest.raises(EngineBusyError):
            await connected.engines["gemma"].answer(asked)
        stored = len(store.values)
        server.requests, server.faults.refuse_on = 0, ""
        answers = await connected.engines["gemma"].answer(asked)

    assert stored > 0
    assert server.requests == 64 - stored
    assert [f"Person{n:02}" in answer.text for n, answer in enumerate(answers)] == [True] * 64


def keyed_ensemble_at(url):
    plain = ensemble_at(url, "gemma").model_dump()
    key = {"api_key_env": "ENGINE_KEY"}
    [backbone] = plain["backbone"]
    parts = {"backbone": [backbone | key], "embedder": plain["embedder"] | key}
    return Ensemble.model_validate(plain | parts)


async def test_a_server_with_an_api_key_is_asked_with_it(server, monkeypatch):
    monkeypatch.setenv("ENGINE_KEY", "sk-hush")
    server.api_key = "sk-hush"
    ensemble = keyed_ensemble_at(server.url)
    async with engines.connect(ensemble, store=NullStore()) as connected:
        [answer] = await connected.engines["gemma"].answer([LISTING])
        vectors = await connected.embedder.embed(["a"])
        await connected.canaries["gemma"]()

    assert answer.text
    assert vectors.shape[0] == 1


async def test_a_key_that_is_refused_at_start_is_a_wrong_configuration(server, monkeypatch):
    monkeypatch.setenv("ENGINE_KEY", "sk-hush")
    server.api_key = "another"

    with pytest.raises(ConfigurationError, match=r"HTTP 401.*api_key_env") as refused:
        async with engines.connect(keyed_ensemble_at(server.url), store=NullStore()):
            pass
    assert "hush" not in str(refused.value)


async def test_a_key_that_is_refused_later_blames_no_document(server, client):
    server.api_key = "changed"

    with pytest.raises(EngineAccessError) as failed:
        await client.answer([LISTING])
    assert failed.value.retryable


async def test_a_password_in_a_url_is_not_repeated(server):
    url = server.url.replace("http://", "http://user:hush@")
    with pytest.raises(EngineRequestError, match="serves gemma") as refused:
        async with engines.connect(ensemble_at(url, "phi-4"), store=NullStore()):
            pass
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8101/v1", "user:hush@host/v1", "localhost", "ftp://host/v1"]
)
def test_a_url_without_http_is_refused_when_its_file_is_read(url, tmp_path):
    file = tmp_path / "small.toml"
    server = f'name = "gemma"\nurl = "{url}"\n'
    member = f'[[backbone]]\n{server}style = "pattern"\ncontext_tokens = 4096\n'
    file.write_text(f'name = "a"\nverifier = "gemma"\n{member}[embedder]\n{server}')

    with pytest.raises(ConfigurationError, match="url") as refused:
        load_ensemble(file)
    assert "hush" not in str(refused.value)


async def test_a_url_without_a_host_is_refused_at_start():
    with pytest.raises(ConfigurationError, match="url"):
        async with engines.connect(ensemble_at("http:///v1", "gemma"), store=NullStore()):
            pass


async def test_chat_messages_are_answered_in_json(server):
    ensemble = ensemble_at(server.url, "gemma", style="chat")
    schema = {
        "type": "object",
        "properties": {"entities": {"type": "array"}},
        "required": ["entities"],
    }
    prompt = (Message("user", "Text: Bo Falk left.\nList every named entity"),)
    async with engines.connect(ensemble, store=NullStore()) as connected:
        [answer] = await connected.engines["gemma"].answer([Request(prompt, 24, schema=schema)])

    assert answer.text == '{"entities":["Bo Falk"]}'
