"""Whatever a model writes, a parser gives an outcome and raises nothing."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.often import often

from ner_core.prompts.parsing import (
    parse_choice,
    parse_names,
    parse_pairs,
    parse_surfaces_object,
)

pytestmark = [pytest.mark.no_cover, pytest.mark.timeout(600)]

TYPES = ("person", "location", "political party")
PIECES = (
    *"{}[]()<>\"'“”„,，、:：;；|\\/*`-=.#\n\t 1aA北（）［］【】《》",
    *("person", "location", "Ana Kern", "Oslo", "entities", "is a ", "1.", "2.", "- ", '": "'),
    *('"，"', '"：', "\\[", "\\]", "```json\n", "Answer: ", "Sure! ", "</think>", "null", "\\u"),
    *("\ud800", "\x00", "none", " and ", "no ", "Type: ", "Name: ", "There are ", "0.9", '{"'),
)
answers = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=25).map("".join),
    st.text(max_size=20),
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.sampled_from(PIECES)),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(PIECES), inner, max_size=3)
        ),
    ).map(json.dumps),
)


@often
@given(answers)
@example("[" * 3000)
@example('{"entities":' * 800 + "[]" + "}" * 800)
@example('["a",' * 800 + "1" + "]" * 800)
@example('{"label": ' * 800 + "1" + "}" * 800)
@example('{"person": "{' + '\\"a\\": ' * 500)
def test_any_answer_has_an_outcome(answer):
    for types in (TYPES, ()):
        parsed = parse_surfaces_object(answer, types)
        assert all(isinstance(part, str) for pair in parsed.items for part in pair)
    assert parse_choice(answer, (*TYPES, "none")) in {*TYPES, "none", None}
    assert parse_pairs(answer)
    assert parse_names(answer)
