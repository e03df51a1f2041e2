"""Keys are hashes of what Python writes, so that what was stored once is found by every release."""

import hashlib
import random

import pytest

from ner_core.engines.answer_keys import digest
from ner_core.ports import Message, Request

ASKED = "'gemma 1.0', ['logprobs']"
PROMPT = Request("Text: Ada left.\n\nText: Bo came.\nEntities:", 16, ("\n",), ("person", "none"))


def of_what_python_writes(request):
    return hashlib.sha256(f"({ASKED}, {request!r})".encode()).hexdigest()


@pytest.mark.parametrize(
    "request_",
    [
        PROMPT,
        PROMPT._replace(max_tokens=32),
        PROMPT._replace(stop=(), choices=()),
        PROMPT._replace(choices=("it's", 'a "b"', "é")),
        PROMPT._replace(prompt=""),
        PROMPT._replace(prompt="no blank line"),
        PROMPT._replace(prompt="Ada's\n\nBo"),
        PROMPT._replace(prompt="Ada\n\nBo's"),
        PROMPT._replace(prompt='Ada\'s\n\n"Bo"'),
        PROMPT._replace(prompt='"Ada"\n\nBo\'s'),
        PROMPT._replace(prompt="lone \ud800, Ørsted\u2028\n\n\n\n中 \\n"),
        PROMPT._replace(prompt=(Message("system", "a\nb"), Message("user", "it's"))),
        PROMPT._replace(schema={"type": "object", "required": ["it's"]}),
    ],
)
def test_a_request_is_hashed_as_python_writes_it(request_):
    assert digest(ASKED, request_) == of_what_python_writes(request_)


def test_requests_of_any_characters_are_hashed_as_python_writes_them():
    chance = random.Random(1)
    special = "ab'\"\\\n\r\t\x00\x7f\x85\xa0\xadé\u2028中\ud800\udfff\ufeff😀"
    for _ in range(10_000):
        some = [*chance.sample(special, 4), "\n\n"]
        request = PROMPT._replace(prompt="".join(chance.choices(some, k=chance.randrange(9))))
        assert digest(ASKED, request) == of_what_python_writes(request)


def test_what_is_asked_of_another_engine_has_another_key():
    assert digest("'gemma 1.1', []", PROMPT) != digest(ASKED, PROMPT)
