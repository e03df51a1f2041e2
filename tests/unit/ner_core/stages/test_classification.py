"""Stage 3: a vote of every member on every span of the union."""

import pytest
from support.members import Saying, Short, member, sentences

from ner_core.ports import Answer
from ner_core.stages.classification import classify
from ner_core.types import NONE, Notice, Sentence, Span, StageCounts, Vote

ADA, VARNA = Span(0, 3), Span(9, 14)
(SENTENCE,) = sentences("Ada left Varna.")


async def votes_of(answer, **options):
    asked = member(Saying("a", answer), **options)
    votes = await classify([asked], [SENTENCE], {0: [ADA]})
    return votes[SENTENCE, ADA], asked.journal


async def test_each_span_has_the_votes_of_all_members_in_their_order():
    first, second = Saying("a", "person"), Saying("b", "political place")

    votes = await classify([member(first), member(second)], [SENTENCE], {0: [ADA, VARNA]})

    both = (Vote("a", "PER"), Vote("b", "LOC"))
    assert votes == {(SENTENCE, ADA): both, (SENTENCE, VARNA): both}


async def test_each_span_of_each_sentence_has_the_vote_on_its_own_question():
    def answer(request):
        return Answer("person" if request.prompt.endswith('{"Ada": "') else "political place")

    texts = sentences("Ada left Varna.", "Varna saw Ada.")
    union = {0: [ADA, VARNA], 1: [Span(0, 5), Span(10, 13)]}
    asked = member(Saying("a", answer))

    votes = await classify([asked], texts, union)

    assert {(s.text[span.start : span.end], v.type) for (s, span), (v,) in votes.items()} == {
        ("Ada", "PER"),
        ("Varna", "LOC"),
    }
    assert len(votes) == 4
    assert asked.journal.counts == {("classify", "a"): StageCounts(requests=4)}


async def test_a_surface_that_stands_in_a_sentence_twice_is_asked_about_once():
    engine = Saying("a", "person")
    (sentence,) = sentences("Ada met Ada.")

    votes = await classify([member(engine)], [sentence], {0: [ADA, Span(8, 11)]})

    assert len(engine.asked) == 1
    assert votes == {
        (sentence, ADA): (Vote("a", "PER"),),
        (sentence, Span(8, 11)): (Vote("a", "PER"),),
    }


async def test_one_surface_in_two_sentences_is_asked_about_in_each():
    engine = Saying("a", "person")

    await classify([member(engine)], sentences("Ada left.", "Ada came."), {0: [ADA], 1: [ADA]})

    assert len({r.prompt for r in engine.asked}) == 2


async def test_nobody_is_asked_where_nothing_was_found():
    engine = Saying("a", "person")

    assert await classify([member(engine)], [SENTENCE], {0: []}) == {}
    assert engine.priorities == []


async def test_the_question_shows_the_surface_as_the_member_sees_it():
    engine = Saying("a", "person")
    sentence = Sentence("text", 0, 0, "<bos> left.")

    await classify([member(engine, control_tokens=["<bos>"])], [sentence], {0: [Span(0, 5)]})

    assert engine.asked[0].prompt.endswith('{"‹bos>": "')


async def test_none_is_a_vote():
    votes, journal = await votes_of("none")

    assert votes == (Vote("a", NONE),)
    assert journal.notices == []


async def test_a_name_of_two_words_is_voted_for_by_its_id():
    votes, _ = await votes_of(' political place"}')

    assert votes == (Vote("a", "LOC"),)


async def test_an_answer_that_is_no_type_abstains_and_that_is_noted():
    votes, journal = await votes_of(Answer("ship", probabilities={"person": 1.0}))

    assert votes == (Vote("a", None),)
    assert journal.notices == [Notice("abstained", "a", 0, "classify")]
    assert journal.counts["classify", "a"] == StageCounts(requests=1, abstained=1)


async def test_probabilities_of_names_become_those_of_ids_and_others_are_left_out():
    answer = Answer(
        "person", probabilities={"person": 0.6, "political place": 0.2, "none": 0.1, "ship": 0.1}
    )
    votes, _ = await votes_of(answer)

    assert votes == (Vote("a", "PER", {"PER": 0.6, "LOC": 0.2, "none": 0.1}),)


async def test_fewer_answers_than_questions_are_an_error_and_no_lost_vote():
    with pytest.raises(ValueError, match="shorter"):
        await classify([member(Short("a", "person"))], [SENTENCE], {0: [ADA, VARNA]})


@pytest.mark.parametrize(
    "said", ["Person", '"person"', "**person**", '<think>x</think>{"label": "person"}']
)
async def test_a_type_in_another_case_or_with_more_around_it_is_a_vote(said):
    votes, journal = await votes_of(said)

    assert votes == (Vote("a", "PER"),)
    assert not journal.notices


async def test_probabilities_of_tokens_that_are_not_the_answer_s_are_no_probabilities():
    answer = Answer("Person", probabilities={"person": 0.0, "political place": 1.0})
    votes, _ = await votes_of(answer)

    assert votes == (Vote("a", "PER", None),)
