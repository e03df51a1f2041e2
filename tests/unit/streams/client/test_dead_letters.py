"""The overview of dead letters: how many of each reason, and the newest."""

from streams.client import dead_letters
from streams.settings import load_settings
from streams.wire.letters import Letter
from streams.wire.messages import Message


async def test_of_letters_of_one_millisecond_those_of_the_highest_offsets_are_the_newest(
    monkeypatch, tmp_path
):
    async def letters(_settings):
        for offset in range(30):
            yield Letter(Message("documents.dead", 0, offset, 1_000, b"a", b"{}"))

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(dead_letters, "letters", letters)
    found = await dead_letters.overview(load_settings())

    assert [letter.position for letter in found.newest] == [f"0:{n}" for n in range(29, 9, -1)]
    assert found.reasons.total() == 30
