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


def test_a_prompt_has_the_blocks_that_it_shares_with_a_shorter_a_longer_and_a_branching_one():
    cache = PrefixCache()
    cache.seen(BEGINNING * 2)

    assert cache.seen(BEGINNING) == 64
    assert cache.seen(BEGINNING * 4) == 128
    assert cache.seen(BEGINNING * 3 + "other " * 60) == 224
    assert cache.seen(BEGINNING * 3 + "other " * 90) == 288
