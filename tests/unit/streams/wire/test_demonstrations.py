"""Demonstrations as records: what is wrong with one is reported."""

import pytest

from streams.wire.demonstrations import decode_demonstration
from streams.wire.errors import InvalidDemonstrationError


def test_a_demonstration_that_has_a_key_twice_is_none():
    value = b'{"id": "a", "text": "Bo", "text": "Ada", "entities": [], "entities": []}'

    with pytest.raises(InvalidDemonstrationError, match="repeated keys: text, entities"):
        decode_demonstration(value)
