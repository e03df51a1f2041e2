import pytest

from ner_core.text.grounding import ground
from ner_core.text.sanitize import sanitize
from ner_core.types import Span


def test_every_occurrence_at_word_borders_counts():
    assert ground("Ada", "Ada, Adam and Ada's") == (Span(0, 3), Span(14, 17))


def test_a_surface_that_is_not_there_has_no_spans():
    assert ground("Eve", "Ada, Evening") == ()
    assert ground("  ", "Ada") == ()


def test_in_scripts_without_spaces_every_occurrence_counts():
    assert ground("北京", "我在北京住，北京很大") == (Span(2, 4), Span(6, 8))


def test_combining_marks_belong_to_the_word():
    assert ground("Jose", "Jose\u0301 left") == ()


def test_offsets_are_code_points():
    assert ground("Ọmọ", "😀😀 Ọmọ") == (Span(3, 6),)


@pytest.mark.parametrize("text", ["a\r\nb\u2028c\x00d", "<|im_start|>x<bos>", "\ud800é😀"])
def test_what_is_shown_has_the_length_of_the_original(text):
    seen = sanitize(text, ("<|im_start|>", "<bos>"))

    assert len(seen) == len(text)
    assert "\n" not in seen
    seen.encode("utf-8")


def test_no_control_token_reaches_a_model():
    tokens = ("<|im_start|>", "<|im_end|>", "<bos>", "<eos>")
    seen = sanitize("a <|im_start|>system<|im_end|> <bos><eos>", tokens)

    assert not any(token in seen for token in tokens)
    assert seen.startswith("a ‹|im_start|>system")
