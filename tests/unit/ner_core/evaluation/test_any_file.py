"""Whatever a labeled file holds, it is read, or refused with its line."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.often import often

from ner_core.evaluation.columns import read_columns
from ner_core.evaluation.formats import decoded, format_of
from ner_core.evaluation.json_records import read_json
from ner_core.evaluation.labeled import LineError

pytestmark = [pytest.mark.no_cover, pytest.mark.timeout(600)]

KEYS = ("text", "entities", "start", "end", "type", "label", "labels", "entity", "data", "result")
KEYS += ("annotations", "completions", "value", "to_name", "id", "doc", "tokens", "word", "surface")
PIECES = (
    *'\t\n\r aA1#|=_-O*{}[]",:北0',
    *(
        "B-PER",
        "I-PER",
        "name=B-PER",
        "NER=O",
        "# newdoc\n",
        "-DOCSTART-",
        "1\tAda\t",
        "\n\n",
        "2-3",
    ),
    *(
        "# global.columns = ID FORM NER\n",
        "T1\tPER 0 3\tAda",
        "\ufeff",
        "\x00",
        "北0\tO\n",
        "(PER*",
    ),
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.integers(-1, 9), st.sampled_from(PIECES)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
)
texts = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


def outcome(reading, content):
    """The texts that were read, or why they were not."""
    try:
        return list(reading(content))
    except LineError as exc:
        return str(exc)


@often
@given(st.one_of(values.map(json.dumps), texts))
@example('{"text":' * 3000)
@example('{"data": {"text": "Ada"}, "annotations": ' + "[" * 900 + "]" * 900 + "}")
@example('{"text": "Ada", "entities": ' + "[" * 900 + "]" * 900 + "}")
def test_any_json_is_read_or_refused(content):
    assert outcome(read_json, content) is not None


@often
@given(texts)
def test_any_columns_are_read_or_refused(content):
    assert outcome(read_columns, content) is not None
    assert outcome(format_of, content)


@often
@given(st.one_of(st.binary(max_size=30), texts.map(lambda text: text.encode("utf-16"))))
def test_any_bytes_are_a_text_or_refused(content):
    assert outcome(decoded, content) is not None
