"""Demonstrations as records: what is wrong with one is reported."""

import pytest

from streams.wire.demonstrations import decode_demonstration
from streams.wire.errors import InvalidDemonstrationError


def test_a_demonstration_that_has_a_key_twice_is_none():
    value = b'{"id": "a", "text": "Bo", "text": "Ada", "entities": [], "entities": []}'

    with pytest.raises(InvalidDemonstrationError, match="repeated keys: text, entities"):
        decode_demonstration(value)


@pytest.mark.parametrize(
    ("entities", "repeated"),
    [
        ('{"start": 0, "end": 2, "type": "per", "type": "loc"}', "type"),
        ('{"start": 0, "end": 1, "end": 2, "type": "per", "type": "loc"}', "end, type"),
        ('{"start": 0, "start": 0, "end": 2, "type": "a"}, {"start": 0, "start": 1}', "start"),
    ],
)
def test_a_demonstration_whose_entity_has_a_key_twice_is_none(entities, repeated):
    value = f'{{"id": "a", "text": "Bo", "entities": [{entities}]}}'

    with pytest.raises(InvalidDemonstrationError, match=f"^repeated keys: {repeated}$"):
        decode_demonstration(value.encode())
