"""A damaged value is known by its checksum."""

import pytest

from ner_core.stores.frames import framed, unframed

FRAME = bytes.fromhex("27f31099") + b"one"
"""The value ``one`` of the key ``a``."""


@pytest.mark.parametrize("value", [b"", b"one", b"\x00\xff" * 1000], ids=len)
def test_a_value_comes_back_as_it_was(value):
    assert unframed("a", framed("a", value)) == value


def test_a_value_of_another_key_is_none():
    assert unframed("b", framed("a", b"one")) is None


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(None, id="nothing"),
        pytest.param("text", id="text"),
        pytest.param(1, id="a number"),
        pytest.param([], id="a list"),
        pytest.param(b"", id="empty"),
        pytest.param(b"abc", id="shorter than a checksum"),
        pytest.param(FRAME[:-1], id="the last byte is missing"),
        pytest.param(FRAME + b"!", id="a byte too much"),
        pytest.param(FRAME[1:], id="the first byte is missing"),
        pytest.param(bytes(1) + FRAME[1:], id="another checksum"),
    ],
)
def test_whatever_was_not_framed_is_none(frame):
    assert unframed("a", frame) is None


def test_the_checksum_is_of_four_bytes_of_key_and_value():
    assert framed("a", b"one") == FRAME
