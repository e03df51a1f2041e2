"""What is written right beside a name, or almost as the name is, does not lose it."""

import pytest

from ner_core.text.grounding import ground
from ner_core.types import Span


@pytest.mark.parametrize(
    "address", ["www.apple.com。", "https://apple.com/a?b=c，", "ada@apple.com"]
)
def test_an_address_ends_where_a_text_without_spaces_goes_on(address):
    text = f"{address}苹果公司说 苹果公司"
    first = len(address)

    assert ground("苹果公司", text) == (Span(first, first + 4), Span(first + 6, first + 10))


@pytest.mark.parametrize(
    "text", ["https://x.org/Ada met Ada", "www.x.org/Ada, Ada", "x/Ada@x.org Ada"]
)
def test_a_name_inside_an_address_does_not_count_beside_one_outside(text):
    assert ground("Ada", text) == (Span(len(text) - 3, len(text)),)


@pytest.mark.parametrize(
    ("surface", "text", "spans"),
    [
        ("J. Smith", "J. Smith met J.Smith.", (Span(0, 8), Span(13, 20))),
        ("J.Smith", "J.Smith met J. Smith.", (Span(0, 7), Span(12, 20))),
        ("Al-Jazeera", "Al-Jazeera, Al- Jazeera.", (Span(0, 10), Span(12, 23))),
    ],
)
def test_initials_and_broken_lines_count_beside_the_literal_form(surface, text, spans):
    assert ground(surface, text) == spans


@pytest.mark.parametrize("text", ["मोदीजी ने कहा", "मोदीजी।"])
def test_the_hindi_honorific_is_no_part_of_a_name(text):
    assert ground("मोदी", text) == (Span(0, 4),)


@pytest.mark.parametrize("mark", ["—", "– ", "• ", "██\u00a0", "-"])
def test_a_dash_or_bullet_before_a_name_is_no_part_of_it(mark):
    text = f"Talks ended. {mark}Ada Kern"
    start = text.index("Ada")

    assert ground(f"{mark}Ada Kern", text) == (Span(start, len(text)),)


def test_a_dash_before_a_number_stays():
    assert ground("-5", "It was -5 degrees.") == (Span(7, 9),)
