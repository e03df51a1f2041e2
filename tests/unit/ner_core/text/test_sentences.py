import time
from itertools import pairwise

import pytest

from ner_core.text.sentences import split
from ner_core.types import Document


def units(text: str, title: str = "", max_chars: int = 600, overlap_chars: int = 100):
    document = Document("d", text, title)
    return document, split(document, max_chars=max_chars, overlap_chars=overlap_chars)


def test_every_sentence_reads_the_same_in_its_field():
    text = "LAGOS, 3 May – Dr. Ọmọ left. “Why?” 😀 she asked.\r\n\r\n- one\n- two\n\n你好。再见。"
    document, found = units(text, title="Café 😀 opens. Now")

    assert len(found) > 5
    for unit in found:
        assert document.field(unit.field)[unit.start : unit.start + len(unit.text)] == unit.text
        assert unit.text == unit.text.strip()


def test_the_title_comes_first_and_indices_count_on():
    _, found = units("One. Two.", title="Head")

    assert [u.field for u in found] == ["title", "text", "text"]
    assert [u.index for u in found] == [0, 1, 2]


def test_a_text_without_anything_to_read_has_no_sentences():
    for text in ("", " \n\t ", "\x00\x00", "\ufeff", "\ud800"):
        assert units(text)[1] == ()


def test_surrogates_nul_and_byte_order_mark_do_not_move_offsets():
    document, found = units("\ufeffAda \ud800 met\x00 Bob. Eve left.")

    assert found[-1].text == "Eve left."
    assert document.text[found[-1].start :] == "Eve left."


def test_an_over_long_sentence_is_read_whole_in_overlapping_windows():
    text = "word " * 500
    _, found = units(text, max_chars=200, overlap_chars=50)

    assert all(len(u.text) <= 200 for u in found)
    covered = set().union(*(range(u.start, u.start + len(u.text)) for u in found))
    assert covered >= {i for i, c in enumerate(text) if c != " "}
    assert found[0].continued
    assert not found[0].continues
    assert found[-1].continues
    assert not found[-1].continued


def cpu_seconds(repeats):
    sentence = "我在北京住，「北京很大。」他说。"
    expected = [unit.text for unit in units(sentence)[1]] * repeats
    began = time.process_time()
    _, found = units(sentence * repeats)
    took_s = time.process_time() - began
    assert [unit.text for unit in found] == expected
    return took_s


@pytest.mark.timed
def test_the_time_of_a_chinese_paragraph_grows_with_its_length_and_not_its_square():
    short_s = cpu_seconds(1_000)

    assert cpu_seconds(16_000) < 64 * short_s + 0.3  # squared, it is 256 times


def test_a_word_of_twenty_thousand_letters_is_cut_with_overlap():
    _, found = units("x" * 20_000)

    assert all(later.start < one.start + 600 for one, later in pairwise(found))
    assert found[-1].start + len(found[-1].text) == 20_000
