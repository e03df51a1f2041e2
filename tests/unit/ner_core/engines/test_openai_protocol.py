"""What is sent to a server, and how its replies are read."""

import pytest

from ner_core.engines import openai_protocol as wire
from ner_core.ports import Message, Request
from ner_core.stages.member import label_schema, surfaces_schema

NOTHING = dict.fromkeys(("choices", "logprobs", "schema", "cached_tokens", "priority"), False)
ALL = dict.fromkeys(NOTHING, True)
CHOICE = Request("Entities:", 8, stop=('"',), choices=("person", "none"))


def completion(**choice):
    choices = [{"index": 0, "finish_reason": "stop", "text": "", **choice}]
    usage = {
        "prompt_tokens": 40,
        "completion_tokens": 2,
        "total_tokens": 42,
        "prompt_tokens_details": {"cached_tokens": 32},
    }
    return {"choices": choices, "usage": usage}


def test_a_server_that_can_nothing_special_is_asked_for_nothing_special():
    body = wire.body([CHOICE], model="m", features=NOTHING, priority=-1)

    assert body == {
        "model": "m", "prompt": "Entities:", "max_tokens": 8, "temperature": 0, "stop": ['"']
    }  # fmt: skip


def test_choices_logprobs_and_priority_are_asked_for_where_they_were_seen():
    body = wire.body([CHOICE], model="m", features=ALL, priority=-1)

    assert body["logprobs"] == wire.RIVALS
    assert body["structured_outputs"] == {"choice": ["person", "none"]}
    assert body["priority"] == -1


def test_a_chat_request_carries_messages_and_a_json_schema():
    request = Request((Message("user", "hello"),), 8, schema={"type": "object"})

    body = wire.body([request], model="m", features=ALL, priority=0)

    assert body["messages"] == [{"role": "user", "content": "hello"}]
    assert body["response_format"]["json_schema"]["schema"] == {"type": "object"}


def schema_sent(schema, **features):
    asked = Request((Message("user", "which?"),), 8, schema=schema)
    body = wire.body([asked], model="m", features=ALL | features, priority=0)
    return body["response_format"]["json_schema"]["schema"]


def test_the_labels_of_a_schema_have_their_type_which_openai_demands():
    sent = schema_sent(label_schema(["person", "none"]))

    assert sent["properties"] == {"label": {"type": "string", "enum": ["person", "none"]}}


@pytest.mark.parametrize(("taken", "most"), [(True, {"maxItems": 64}), (False, {})])
def test_a_list_has_its_most_items_only_where_servers_take_limits(taken, most):
    sent = schema_sent(surfaces_schema(), max_items=taken)

    entities = {"type": "array", "items": {"type": "string"}, **most}
    assert sent == surfaces_schema() | {"properties": {"entities": entities}}


def test_a_server_that_is_held_to_choices_is_not_held_to_their_schema_too():
    asked = Request((Message("user", "which?"),), 8, choices=("a", "b"), schema={"type": "object"})

    both = wire.body([asked], model="m", features=ALL, priority=0)
    without = wire.body([asked], model="m", features={**ALL, "choices": False}, priority=0)

    assert both["structured_outputs"] == {"choice": ["a", "b"]}
    assert "response_format" not in both
    assert "response_format" in without


def test_fields_of_the_ensemble_file_are_added_to_every_request():
    extra = {"chat_template_kwargs": {"enable_thinking": False}}

    plain = wire.body([CHOICE], model="m", features=NOTHING, priority=-1, extra_body=extra)
    full = wire.body([CHOICE], model="m", features=ALL, priority=-1, extra_body=extra)

    assert plain["chat_template_kwargs"] == extra["chat_template_kwargs"]
    assert full.keys() - plain.keys() == {"structured_outputs", "priority", "logprobs"}


def test_a_lone_surrogate_is_sent_as_one_replacement_character():
    body = wire.body([Request("a\ud800b", 8)], model="m", features=NOTHING, priority=0)

    assert body["prompt"] == "a\ufffdb"


def test_a_lone_surrogate_in_a_reply_is_read_as_one_replacement_character():
    reply = completion(text="a\ud800b", finish_reason="stop")

    assert wire.answers([Request("Entities:", 8)], reply)[0].text == "a\ufffdb"


def test_an_answer_tells_text_cost_and_probabilities():
    logprobs = {
        "tokens": ["person"],
        "token_logprobs": [0.0],
        "top_logprobs": [{"person": 0.0, "none": -9999.0}],
    }
    reply = completion(text="person", logprobs=logprobs)

    answer = wire.answers([CHOICE], reply)[0]

    assert (answer.text, answer.complete) == ("person", True)
    assert answer.probabilities == pytest.approx({"person": 1.0, "none": 0.0})
    assert (answer.prompt_tokens, answer.cached_tokens, answer.completion_tokens) == (40, 32, 2)


@pytest.mark.parametrize(
    ("reason", "complete"),
    [
        ("stop", True), ("eos_token", True), ("stop_sequence", True), ("length", False),
        ("content_filter", False), ("abort", False),
    ],
)  # fmt: skip
def test_an_answer_that_did_not_end_by_itself_is_not_complete(reason, complete):
    reply = completion(text="person", finish_reason=reason)

    assert wire.answers([CHOICE], reply)[0].complete is complete


def test_a_chat_reply_without_content_is_an_empty_answer():
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant"}}

    assert wire.answers([Request((), 8)], {"choices": [choice]})[0].text == ""


@pytest.mark.parametrize("key", ["reasoning_content", "reasoning"])
@pytest.mark.parametrize("content", [None, ""])
@pytest.mark.parametrize(("reason", "text"), [("stop", '{"entities": ["Ada"]}'), ("length", "")])
def test_an_answer_that_a_server_took_for_reasoning_is_an_answer(key, content, reason, text):
    message = {"content": content, key: '{"entities": ["Ada"]}'}
    choice = {"index": 0, "finish_reason": reason, "message": message}

    assert wire.answers([Request((), 8)], {"choices": [choice]})[0].text == text


@pytest.mark.parametrize(
    ("thought", "text"),
    [
        ("Is it a person? It could be an organization.", ""),
        ('Maybe {"label": "person"}? No.', ""),
        ("7", ""),
        (["person"], ""),
        (" person\n", " person\n"),
        ('{"label": "person"}', '{"label": "person"}'),
    ],
)
def test_reasoning_is_an_answer_only_if_all_of_it_is_what_was_asked_for(thought, text):
    message = {"content": None, "reasoning_content": thought}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    asked = Request((), 8, choices=("person", "organization"))

    assert wire.answers([asked], {"choices": [choice]})[0].text == text


@pytest.mark.parametrize("reason", ["stop", "content_filter"])
@pytest.mark.parametrize("said", [{"text": None}, {"message": None}, {"message": {}}])
def test_an_answer_that_ended_with_nothing_is_empty(said, reason):
    choice = {"index": 0, "finish_reason": reason, **said}

    [answer] = wire.answers([Request("Entities:", 8)], {"choices": [choice]})

    assert (answer.text, answer.complete) == ("", reason == "stop")


def test_reasoning_beside_an_answer_is_no_answer():
    message = {"content": "person", "reasoning_content": "none?"}
    choice = {"index": 0, "finish_reason": "stop", "message": message}

    assert wire.answers([Request((), 8)], {"choices": [choice]})[0].text == "person"


def test_a_reply_without_choices_is_an_error():
    with pytest.raises(ValueError, match="no choices"):
        wire.answers([CHOICE], {"choices": [], "usage": None})


LISTED = [Request(f"Text {n}", 8, stop=("\n",)) for n in range(3)]


def listed(*indexes, cached=0):
    choices = [{"index": n, "text": f"answer {n}", "finish_reason": "stop"} for n in indexes]
    details = {"cached_tokens": cached}
    usage = {"prompt_tokens": 30, "completion_tokens": 6, "prompt_tokens_details": details}
    return {"choices": choices, "usage": usage}


def test_prompts_that_travel_together_are_a_list():
    body = wire.body(LISTED, model="m", features=NOTHING, priority=0)

    assert body["prompt"] == ["Text 0", "Text 1", "Text 2"]


def test_answers_to_a_list_are_read_by_their_index():
    answers = wire.answers(LISTED, listed(2, 0, 1))

    assert [a.text for a in answers] == ["answer 0", "answer 1", "answer 2"]


def test_the_cost_of_a_list_is_counted_once():
    answers = wire.answers(LISTED, listed(0, 1, 2))

    assert sum(a.prompt_tokens for a in answers) == 30
    assert sum(a.completion_tokens for a in answers) == 6


@pytest.mark.parametrize(
    ("summed", "reported", "counted"), [(True, 24, 24), (False, 8, 24), (False, 12, 30)]
)
def test_cached_tokens_of_the_last_prompt_alone_count_for_each(summed, reported, counted):
    answers = wire.answers(LISTED, listed(0, 1, 2, cached=reported), cached_summed=summed)

    assert sum(a.cached_tokens for a in answers) == counted


@pytest.mark.parametrize("indexes", [(0, 1), (0, 1, 1), (0, 1, 3)])
def test_a_list_with_an_answer_too_few_is_an_error(indexes):
    with pytest.raises(ValueError, match="choices came back for 3 prompts"):
        wire.answers(LISTED, listed(*indexes))
