"""Names with a word too many, or one too few."""

import pytest

from ner_core.text.wrong_borders import wrong_borders
from ner_core.types import Span


def spans(text, *names):
    return [Span(text.index(name), text.index(name) + len(name)) for name in names]


@pytest.mark.parametrize(
    ("text", "names", "wrong"),
    [
        ("The Bank of Ireland rose.", ["Bank of Ireland"], ["Bank of Ireland rose", "of Ireland"]),
        ("Rain in Varna.", ["Varna"], []),
        ("Rain in Varna, Sofia and Rome", ["Varna"], []),
        ("Jean-Luc came.", ["Jean-Luc"], ["Jean-Luc came", "Luc"]),
        ("New York City", ["New York", "New York City"], ["York", "York City"]),
        ("No name.", [], []),
    ],
)
def test_a_name_with_the_next_word_or_without_its_first_is_no_name(text, names, wrong):
    found = wrong_borders(text, spans(text, *names))

    assert [text[span.start : span.end] for span in found] == wrong
