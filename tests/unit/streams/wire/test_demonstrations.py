"""Demonstrations as records: what is wrong with one is told."""

import pytest

from streams.wire.demonstrations import decode_demonstration
from streams.wire.errors import InvalidDemonstrationError


def test_a_demonstration_that_has_a_key_twice_is_none():
    value = b'{"id": "a", "text": "Bo", "text": "Ada", "entities": [], "entities": []}'

    with pytest.raises(
        InvalidDemonstrationError, match="keys that are there twice: text, entities"
    ):
        decode_demonstration(value)
