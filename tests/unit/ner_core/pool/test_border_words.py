"""Words at the borders of names: what demonstrations show of them, and what follows from it."""

import pytest
from support.pipelines import Fixed, found, pipeline

from ner_core.pool.border_words import GrowingBorderWords
from ner_core.pool.contents import encoded
from ner_core.testing import RuleEngine
from ner_core.text.overlaps import parts_of
from ner_core.types import Demonstration, Document, Span, TypedSpan


def shown(text, name, times=10):
    """Return equal demonstrations of a text with one name."""
    start = text.index(name)
    entity = TypedSpan(Span(start, start + len(name)), "organization")
    return [Demonstration(f"{text}{n}", text, (entity,)) for n in range(times)]


def learned(*demonstrations):
    growing = GrowingBorderWords()
    growing.change([encoded(one) for one in demonstrations], [])
    return growing


def moved(words, text, *names):
    """Return what the names of a text become."""
    spans = [Span(text.index(name), text.index(name) + len(name)) for name in names]
    to = words.view().moved(text, spans)
    return [text[to[span].start : to[span].end] for span in spans]


@pytest.mark.parametrize(
    ("text", "name", "asked", "surface", "becomes"),
    [
        ("He reads the Herald daily.", "the Herald", "In the Crown court.", "Crown", "the Crown"),
        ("He reads the Herald daily.", "Herald", "In the Crown.", "the Crown", "Crown"),
        ("He reads The Herald.", "The Herald", "In the Crown court.", "Crown", "the Crown"),
        ("Vote #Reform now", "#Reform", "Off to #Varna!", "Varna", "#Varna"),
        ("Vote #Reform now", "Reform", "Off to #Varna!", "#Varna", "Varna"),
        ("So said Dr. Kern.", "Dr. Kern", "So said Dr. Falk.", "Falk", "Dr. Falk"),
        ("Kern's boat sank.", "Kern's", "In Falk's boat.", "Falk", "Falk's"),
        ("Kern’s boat sank.", "Kern", "In Falk’s boat.", "Falk’s", "Falk"),
        ("At Kern Inc. they rest.", "Kern Inc.", "At Falk Inc. too.", "Falk", "Falk Inc."),
        ("Улица Мира", "Улица Мира", "улица Труда", "Труда", "улица Труда"),
    ],
)
def test_a_border_moves_to_where_ten_demonstrations_have_it(text, name, asked, surface, becomes):
    assert moved(learned(*shown(text, name)), asked, surface) == [becomes]


@pytest.mark.parametrize(
    ("demonstrations", "asked"),
    [
        (shown("He reads the Herald.", "the Herald", 9), "In the Crown."),
        (
            shown("He reads the Herald.", "the Herald", 6) + shown("In the Crown.", "Crown", 4),
            "In the Crown.",
        ),
        (shown("He reads the Herald.", "the Herald"), "He saw the  Crown."),
        (shown("He reads the Herald.", "the Herald"), "At the\n\nCrown."),
        (shown("He reads the Herald.", "the Herald"), "Crown."),
        (shown("He reads the Herald.", "the Herald"), "Nothe Crown."),
        (shown("東京の会社", "東京"), "その東京の会社Crown"),
    ],
    ids=["few", "divided", "two blanks", "a line", "nothing before", "part of a word", "no blanks"],
)
def test_a_border_stays_if_the_demonstrations_do_not_show_enough(demonstrations, asked):
    assert moved(learned(*demonstrations), asked, "Crown") == ["Crown"]


def test_a_title_keeps_a_capital_word_that_is_in_no_name_of_the_demonstrations():
    words = learned(*shown("She lives in Varna.", "Varna"))

    assert moved(words, "He saw In Bloom.", "In Bloom") == ["In Bloom"]
    assert moved(words, "Born in Bloom.", "in Bloom") == ["Bloom"]


def test_a_name_of_one_word_says_nothing_about_that_word():
    words = learned(*shown("Herald sold out.", "Herald", 20))

    assert moved(words, "They read Herald Varna.", "Varna") == ["Varna"]


def test_no_border_moves_into_a_word():
    words = learned(*shown("x ी वर्ना y", "ी वर्ना"))

    assert moved(words, "दिल्ली वर्ना", "वर्ना") == ["वर्ना"]


def test_no_name_gets_empty():
    words = learned(*shown("He met Sir Kern of", "Kern"), *shown("He met Falk Esq now", "Falk"))

    assert moved(words, "He met Sir Esq", "Sir Esq") == ["Sir Esq"]


def test_a_part_of_a_longer_name_moves_only_to_be_one_of_the_others():
    words = learned(*shown("He reads the Herald daily.", "the Herald"))

    assert moved(words, "In the Varna Herald.", "the Varna Herald", "Varna") == [
        "the Varna Herald", "Varna",
    ]  # fmt: skip
    assert moved(words, "In the Crown.", "the Crown", "Crown") == ["the Crown", "the Crown"]


@pytest.mark.parametrize(
    ("shows", "text", "longer", "part", "become"),
    [
        ("He saw the Crown.", "In the Crown court.", "the Crown court", "the Crown",
         ["Crown court", "Crown"]),
        ("In Crown 's court", "Of the Crown 's", "the Crown 's", "Crown 's",
         ["the Crown", "Crown"]),
        ("He saw the Crown of", "By the of Crown.", "the of Crown", "the of", ["of Crown", "of"]),
    ],
)  # fmt: skip
def test_a_part_is_inside_the_longer_name_after_it_moved(shows, text, longer, part, become):
    assert moved(learned(*shown(shows, "Crown")), text, longer, part) == become


@pytest.mark.parametrize(
    ("shows", "text", "surface", "becomes"),
    [
        ("It (WHO) said.", "The World Bank (IBRD) said.", "World Bank (IBRD)", None),
        ("It (WHO) said.", "So (Bo) Falk left.", "(Bo) Falk", None),
        ("It (WHO) said.", "The (IBRD) said.", "(IBRD)", "IBRD"),
        ("It (WHO) said.", "In Varna) they", "Varna)", "Varna"),
        ("It “Who” said.", "So “Al” Kern won.", "“Al” Kern", None),
        ('It "Who" said.', 'So Bo "Al" won.', 'Bo "Al"', None),
        ('It "Who" said.', 'So "Bo Al" won.', '"Bo Al"', "Bo Al"),
        ("In Who’s boat", "In O’Neill’s boat", "O’Neill’s", "O’Neill"),
    ],
)
def test_a_bracket_or_quote_leaves_a_name_only_with_its_pair(shows, text, surface, becomes):
    name = "WHO" if "WHO" in shows else "Who"

    assert moved(learned(*shown(shows, name)), text, surface) == [becomes or surface]


def test_inner_names_of_demonstrations_are_not_counted():
    text = "He reads the Varna Herald."
    entities = (TypedSpan(Span(9, 25), "organization"), TypedSpan(Span(13, 18), "location"))
    assert parts_of({e.span for e in entities}) == {Span(13, 18)}
    words = learned(*(Demonstration(str(n), text, entities) for n in range(10)))

    assert moved(words, "In the Crown.", "Crown") == ["the Crown"]


def test_what_is_removed_shows_nothing_any_more():
    demonstrations = shown("He reads the Herald.", "the Herald")
    words = learned(*demonstrations)
    words.change([], [encoded(demonstrations[0])])

    assert moved(words, "In the Crown.", "Crown") == ["Crown"]


DOCUMENT = Document("doc", "They went to #Varna.")
HASHES = shown("Vote #Reform now", "#Reform")


def test_nothing_is_kept_of_words_that_are_counted_no_more():
    contents = [encoded(one) for one in shown("He reads the Herald daily.", "the Herald")]
    growing = GrowingBorderWords()

    growing.change(contents, [])
    growing.change([], contents)

    assert not growing._first._inside
    assert not growing._first._beside
    assert not growing._last._inside
    assert not growing._last._beside


async def test_the_pipeline_moves_borders_only_if_the_ensemble_says_so():
    with_words = await pipeline(RuleEngine("a"), verify="off", pool=HASHES, border_words=True)
    without = await pipeline(RuleEngine("a"), verify="off", pool=HASHES)

    assert found(await with_words.tag(DOCUMENT)) == {("text", "They"), ("text", "#Varna")}
    assert found(await without.tag(DOCUMENT)) == {("text", "They"), ("text", "Varna")}
    assert with_words.fingerprint("news") != without.fingerprint("news")


async def test_the_pool_proposes_names_with_the_borders_of_its_own():
    modes = {"verify": "off", "pool": HASHES, "pool_votes": True, "border_words": True}
    blind = Fixed("a", kind="organization")
    blind.script.blind = ("They", "Reform")
    tagged = await (await pipeline(blind, **modes)).tag(
        Document("doc", "They vote Reform, #Reform.")
    )

    assert ("text", "#Reform") in found(tagged)
