"""A damaged value is known by its checksum."""

import pytest

from ner_core.stores.frames import framed, unframed

FRAME = bytes.fromhex("27f31099") + b"one"
"""``one`` under the key ``a``; tests are named by it, so the code that is tested makes none."""


@pytest.mark.parametrize("value", [b"", b"one", b"\x00\xff" * 1000])
def test_a_value_comes_back_as_it_was(value):
    assert unframed("a", framed("a", value)) == value


def test_a_value_of_another_key_is_none():
    assert unframed("b", framed("a", b"one")) is None


@pytest.mark.parametrize(
    "frame",
    [
        None,
        "text",
        1,
        [],
        b"",
        b"abc",
        FRAME[:-1],
        FRAME + b"!",
        FRAME[1:],
        b"\0" + FRAME[1:],
    ],
    ids=repr,
)
def test_whatever_was_not_framed_is_none(frame):
    assert unframed("a", frame) is None


def test_the_checksum_is_of_four_bytes_of_key_and_value():
    assert framed("a", b"one") == FRAME
