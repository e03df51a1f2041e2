"""Demonstrations as records: what is wrong with one is reported."""

import json

import pytest

from streams.wire.demonstrations import decode_demonstration, encode_demonstration
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


def with_entity(sentence="Ada saw", **entity):
    named = {"start": 0, "end": 3, "type": "person", **entity}
    return json.dumps({"id": "a", "text": sentence, "entities": [named]}).encode()


@pytest.mark.parametrize(
    ("entity", "found"),
    [
        ({"end": 2}, r"\[0, 2\) is 'Ad' in the text, not 'Ada' \(text\)"),
        ({"start": 1, "end": 4}, r"\[1, 4\) is 'da ' in the text, not 'Ada' \(text\)"),
        ({"text": "Bo"}, r"\[0, 3\) is 'Ada' in the text, not 'Bo' \(text\)"),
    ],
)
def test_a_name_beside_offsets_that_do_not_fit_it_is_refused(entity, found):
    with pytest.raises(InvalidDemonstrationError, match=rf"{found}; offsets count code points"):
        decode_demonstration(with_entity(**{"text": "Ada", **entity}))


@pytest.mark.parametrize("key", ["surface", "mention"])
def test_a_name_under_another_key_is_compared_too(key):
    assert decode_demonstration(with_entity(**{key: "Ada"})).entities[0].span.end == 3
    assert decode_demonstration(with_entity(**{key: None})).entities[0].span.end == 3
    with pytest.raises(InvalidDemonstrationError, match="is 'Ada' in the text, not 'Bo'"):
        decode_demonstration(with_entity(**{key: "Bo"}))


@pytest.mark.parametrize("key", ["surface", "mention"])
@pytest.mark.parametrize("value", [3, {"id": 1}, ["Ada"], True])
def test_what_is_no_string_under_another_key_is_no_name(key, value):
    assert decode_demonstration(with_entity(**{key: value})).entities[0].span.end == 3


def test_a_full_name_under_mention_is_none_of_the_text():
    decode_demonstration(with_entity(mention="Ada Kern"))
    with pytest.raises(InvalidDemonstrationError, match=r"'Ada' .*, not 'Ada Kern' \(surface\)"):
        decode_demonstration(with_entity(surface="Ada Kern"))
    with pytest.raises(InvalidDemonstrationError, match=r"'Ad' .*, not 'Ada Kern' \(mention\)"):
        decode_demonstration(with_entity(end=2, mention="Ada Kern"))


def test_offsets_in_utf16_beside_a_name_are_refused():
    with pytest.raises(InvalidDemonstrationError, match="is 'da ' in the text, not 'Ada'"):
        decode_demonstration(with_entity("\U0001f600 Ada saw", start=3, end=6, text="Ada"))


@pytest.mark.parametrize("name", ["Ada", None])
def test_a_name_beside_offsets_that_fit_it_is_not_sent(name):
    sent = encode_demonstration(decode_demonstration(with_entity(text=name)))

    assert b'"entities":[{"start":0,"end":3,"type":"person"}]' in sent
