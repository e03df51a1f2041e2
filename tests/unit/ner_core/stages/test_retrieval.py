"""Stage 1: which demonstrations are shown for a sentence, and in which order."""

from collections.abc import Sequence

import numpy as np
import pytest
from support.members import sentences
from support.pipelines import ensemble

from ner_core.pool.pool import build_pool
from ner_core.ports import Matrix
from ner_core.stages.retrieval import estimated_tokens, retrieve
from ner_core.testing import HashEmbedder
from ner_core.text.candidate_spans import rough_spans
from ner_core.types import Demonstration, Span, TypedSpan


def demonstration(name, text, *surfaces):
    spans = [Span(text.index(s), text.index(s) + len(s)) for s in surfaces]
    return Demonstration(name, text, tuple(TypedSpan(span, "person") for span in spans))


SHIPS = demonstration("ships", "Two ships met off Varna.", "Varna")
BANKS = demonstration("banks", "Lindholm Bank cut its rates.", "Lindholm Bank")
MATCH = demonstration("match", "Bo Falk won the match.", "Bo Falk")
RAIN = demonstration("rain", "Rain fell on the harbor all day.")
SNOW = demonstration("snow", "Snow fell on the hills.")
POOL = [SHIPS, BANKS, MATCH, RAIN, SNOW]
HARBOR, VOTE = sentences("Rain fell on the harbor of Varna.", "Lindholm Bank saw Bo Falk.")
VARNA, LINDHOLM, FALK = Span(27, 32), Span(0, 13), Span(18, 25)
ROUGH = {0: (VARNA,), 1: (LINDHOLM, FALK)}


class Encoder(HashEmbedder):
    """Remembers the batches of texts that it was given."""

    def __init__(self):
        self.batches: list[list[str]] = []

    async def embed(self, texts: Sequence[str]) -> Matrix:
        self.batches.append(list(texts))
        return await super().embed(texts)


async def chosen(asked=(HARBOR,), rough=ROUGH, *, pool=POOL, encoder=None, **modes):
    """Give the ids of what is shown for each sentence, the nearest last unless asked otherwise."""
    options = {"retrieval": "spansim", "demonstration_order": "nearest_last", **modes}
    made = ensemble("a", **options).modes
    built = await build_pool(pool, embedder=HashEmbedder(), modes=made)
    found = await retrieve(
        asked,
        rough,
        shelf=built.shelves.get("news"),
        embedder=encoder or Encoder(),
        modes=made,
    )
    return {index: [d.id for d in shown] for index, shown in found.items()}


async def test_the_demonstration_that_shares_a_rough_span_is_shown():
    assert await chosen([HARBOR, VOTE], demonstrations=1) == {0: ["ships"], 1: ["banks"]}


async def test_whole_sentences_are_compared_where_the_ensemble_asks_for_it():
    assert await chosen(retrieval="sentence", demonstrations=1) == {0: ["rain"]}


async def test_a_sentence_without_rough_spans_is_compared_whole():
    assert await chosen(rough={0: ()}, demonstrations=1) == {0: ["rain"]}


async def test_a_span_without_weight_does_not_count():
    assert await chosen(rough={0: (Span(10, 12),)}, demonstrations=1) == {0: ["rain"]}


async def test_the_heavier_span_decides_between_two():
    (sentence,) = sentences("The rates of Falk.")
    pool = [
        demonstration("rates", "They cut rates.", "rates"),
        demonstration("falk", "So Falk.", "Falk"),
    ]
    rough = {0: (Span(4, 9), Span(13, 17))}

    assert await chosen([sentence], rough, pool=pool, demonstrations=1) == {0: ["falk"]}


@pytest.mark.parametrize(
    "texts", [("Rates fell.", "He saw Rates, then Bo."), ("He saw Rates, then Bo.", "Rates fell.")]
)
async def test_a_surface_weighs_as_much_as_at_its_heaviest_place(texts):
    asked = sentences(*texts)
    rough = {s.index: rough_spans(s.text)[-2:] for s in asked}
    pool = [demonstration("a", "Its Rates.", "Rates"), demonstration("b", "So Bo.", "Bo")]
    encoder = Encoder()
    options = {"demonstration_scope": "document", "demonstrations": 2}

    shown = await chosen(asked, rough, pool=pool, encoder=encoder, **options)

    assert shown[0] == ["b", "a"]  # as heavy as each other, so the first is nearer
    assert sorted(encoder.batches[0]) == ["Bo", "Rates"]


async def test_a_word_that_only_begins_its_sentence_weighs_less_than_a_name():
    (sentence,) = sentences("Rates met Bo.")
    rough = {0: (Span(0, 5), Span(10, 12))}
    pool = [demonstration("a", "Its rates.", "rates"), demonstration("b", "So Bo.", "Bo")]

    assert await chosen([sentence], rough, pool=pool, demonstrations=2) == {0: ["a", "b"]}


async def test_the_best_stand_last_in_the_order_of_nearness():
    assert await chosen(retrieval="sentence", demonstrations=3) == {0: ["ships", "snow", "rain"]}


async def test_the_canonical_order_is_that_of_the_ids():
    options = {"retrieval": "sentence", "demonstration_order": "canonical"}

    assert await chosen(demonstrations=3, **options) == {0: ["rain", "ships", "snow"]}


async def test_of_equally_near_demonstrations_the_first_by_id_is_nearer():
    surfaces = ("Bo Falk", "Varna")
    many = [demonstration(f"{n:03}", f"So {surfaces[n % 2]}.", surfaces[n % 2]) for n in range(300)]

    assert await chosen(pool=many[::-1], demonstrations=2) == {0: ["003", "001"]}


async def test_without_demonstrations_nothing_is_shown_or_encoded():
    encoder = Encoder()

    assert await chosen([HARBOR, VOTE], encoder=encoder, demonstrations=0) == {0: [], 1: []}
    assert await chosen([HARBOR, VOTE], encoder=encoder, pool=[]) == {0: [], 1: []}
    assert await chosen([], encoder=encoder) == {}
    assert encoder.batches == []


async def test_all_that_is_compared_is_encoded_at_once_and_each_text_once():
    encoder = Encoder()
    rough = {0: (VARNA,), 1: (Span(0, 5),)}
    await chosen([HARBOR, sentences("Varna", "Varna voted.")[1]], rough, encoder=encoder)

    assert encoder.batches == [["Varna"]]


async def test_a_random_choice_encodes_nothing_and_is_the_same_every_time():
    encoder = Encoder()
    first = await chosen(retrieval="random", encoder=encoder, demonstrations=2)

    assert first == await chosen(retrieval="random", demonstrations=2)
    assert encoder.batches == []


async def test_a_random_choice_depends_on_the_text_and_reaches_every_demonstration():
    many = sentences(*(f"Sentence {n}." for n in range(40)))
    shown = await chosen(many, dict.fromkeys(range(40), ()), retrieval="random", demonstrations=1)

    assert {name for (name,) in shown.values()} == {d.id for d in POOL}


async def test_a_random_choice_can_be_made_for_any_text():
    (sentence,) = sentences("\ud800")

    assert len((await chosen([sentence], {0: ()}, retrieval="random", demonstrations=2))[0]) == 2


async def test_a_document_of_one_scope_shows_every_sentence_what_is_near_all_of_it():
    shown = await chosen([HARBOR, VOTE], demonstrations=3, demonstration_scope="document")

    assert shown == {0: ["ships", "match", "banks"], 1: ["ships", "match", "banks"]}


async def test_a_document_of_one_scope_is_compared_whole_with_a_blank_between_sentences():
    encoder = Encoder()
    options = {"retrieval": "sentence", "demonstration_scope": "document"}
    await chosen([HARBOR, VOTE], encoder=encoder, **options)

    assert encoder.batches == [[f"{HARBOR.text} {VOTE.text}"]]


async def test_shared_demonstrations_stand_first_and_no_sentence_sees_one_twice():
    options = {"retrieval": "sentence", "demonstrations": 3, "shared_demonstrations": 1}
    shown = await chosen([HARBOR, VOTE], **options)

    assert shown == {0: ["rain", "ships", "snow"], 1: ["rain", "match", "banks"]}


async def test_a_document_whose_demonstrations_are_all_shared_is_compared_once():
    encoder = Encoder()
    options = {"retrieval": "sentence", "demonstrations": 2, "shared_demonstrations": 2}
    shown = await chosen([HARBOR, VOTE], encoder=encoder, **options)

    assert shown[0] == shown[1]
    assert len(shown[0]) == 2
    assert encoder.batches == [[f"{HARBOR.text} {VOTE.text}"]]


async def test_places_are_kept_for_demonstrations_without_entities_the_farthest_first():
    shown = await chosen(rough=ROUGH, demonstrations=3, empty_demonstrations=1)

    assert shown[0] == ["rain", "banks", "ships"]


async def test_no_more_places_are_kept_than_there_are():
    assert await chosen(demonstrations=1, empty_demonstrations=2) == {0: ["rain"]}


async def test_places_that_no_empty_demonstration_takes_go_to_others():
    assert await chosen(pool=[SHIPS, MATCH], demonstrations=2, empty_demonstrations=1) == {
        0: ["match", "ships"]
    }


async def test_an_empty_demonstration_without_a_place_of_its_own_can_be_shown_as_well():
    shown = await chosen(
        retrieval="sentence", demonstrations=2, empty_demonstrations=1, pool=[RAIN, SNOW, MATCH]
    )

    assert shown == {0: ["rain", "snow"]}


@pytest.mark.parametrize(("missing", "number"), [(0, 2), (1, 1)])
async def test_the_nearest_are_shown_as_far_as_their_tokens_go(missing, number):
    room = estimated_tokens(SHIPS) + estimated_tokens(MATCH) - missing
    shown = await chosen(pool=[SHIPS, MATCH], demonstrations=2, demonstration_tokens=room)

    assert shown == {0: ["match", "ships"][-number:]}


async def test_nothing_is_shown_after_the_first_that_does_not_fit():
    long = demonstration("long", "Varna " * 20, "Varna")
    shown = await chosen(
        pool=[long, MATCH], demonstrations=2, demonstration_tokens=estimated_tokens(MATCH)
    )

    assert shown == {0: []}


@pytest.mark.parametrize(
    ("missing", "shown"), [(0, ["a", "d", "c", "b"]), (4, ["b", "a"])], ids=["enough", "scarce"]
)
async def test_shared_demonstrations_have_their_share_of_the_tokens(missing, shown):
    twins = [demonstration(name, "So Varna.", "Varna") for name in "abcd"]
    room = 4 * estimated_tokens(twins[0]) - missing
    options = {"demonstrations": 4, "shared_demonstrations": 1, "demonstration_tokens": room}

    assert await chosen(pool=twins, **options) == {0: shown}


@pytest.mark.parametrize(
    ("text", "surfaces", "tokens"),
    [
        ("", (), 8),
        ("abcdef", (), 10),
        ("éé", (), 9),
        ("abcdef", ("abcd",), 18),
        ("abcdef", ("abcd", "f"), 24),
    ],
)
def test_tokens_are_reckoned_at_three_bytes_each(text, surfaces, tokens):
    assert estimated_tokens(demonstration("x", text, *surfaces)) == tokens


def test_a_lone_surrogate_can_be_reckoned():
    assert estimated_tokens(demonstration("x", "\ud800ab")) == 9


async def test_scores_are_the_same_whatever_else_is_in_the_pool():
    rng = np.random.default_rng(0)
    others = [
        demonstration(f"z{n}", "".join(rng.choice(list("abcdef "), 12)) + " x") for n in range(40)
    ]

    assert await chosen(retrieval="sentence", demonstrations=1, pool=POOL + others) == {0: ["rain"]}


async def test_fewer_vectors_than_texts_are_an_error():
    class Short(Encoder):
        async def embed(self, texts: Sequence[str]) -> Matrix:
            return (await super().embed(texts))[:-1]

    with pytest.raises(ValueError, match="shorter"):
        await chosen(encoder=Short())


async def test_sentences_whose_nearness_differs_by_arithmetic_alone_are_equally_near():
    class Placed(Encoder):
        async def embed(self, texts: Sequence[str]) -> Matrix:
            cosines = {"near a": 0.90002, "near b": 0.90004, "near c": 0.9002}
            return np.array([[cosines.get(text, 1.0), 0.0] for text in texts], np.float32)

    pool = [Demonstration(text[-1], text, ()) for text in ("near a", "near b", "near c")]
    made = ensemble("a", retrieval="sentence", demonstration_order="nearest_last").modes
    built = await build_pool(pool, embedder=Placed(), modes=made)
    found = await retrieve(
        [HARBOR], ROUGH, shelf=built.shelves["news"], embedder=Placed(), modes=made
    )

    assert [d.id for d in found[0]] == ["b", "a", "c"]
