"""The prefix cache of the scripted engine counts as that of vLLM does."""

from ner_core.testing.replies import PrefixCache

BEGINNING = "word " * 60


def test_whole_blocks_that_an_earlier_prompt_began_with_are_cached():
    cache = PrefixCache()

    assert cache.seen(BEGINNING + "one") == 0
    assert cache.seen(BEGINNING + "two") == 64


def test_prompts_of_different_salts_share_no_block():
    cache = PrefixCache()
    cache.seen(BEGINNING, "a")

    assert cache.seen(BEGINNING, "b") == 0
    assert cache.seen(BEGINNING, "a") == 64
