"""Commands that are packed here are those that the client itself would send."""

import pytest
from redis.asyncio import Connection

from ner_core.stores.commands import packed_mget, packed_sets


def packed_by_the_client(*commands):
    return b"".join(Connection().pack_commands(commands))


@pytest.mark.parametrize("keys", [["a"], ["a", "b\r\n", "ключ"], [f"k{n}" for n in range(256)]])
def test_one_command_reads_all_keys(keys):
    assert packed_mget(keys) == packed_by_the_client(("MGET", *keys))


@pytest.mark.parametrize("value", [b"", b"one", b"\r\n$3\r\n%d", bytes(range(256)) * 100])
def test_each_value_is_set_with_its_expiry(value):
    values = [("a", value, 604_800), ("ключ", b"two", 7)]

    assert packed_sets(values) == packed_by_the_client(
        *(("SET", key, kept, "EX", seconds) for key, kept, seconds in values)
    )
