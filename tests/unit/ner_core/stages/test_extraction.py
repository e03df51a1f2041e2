"""Stages 1a and 2: what the members list, grounded in the sentence and united."""

import pytest
from support.members import Saying, Short, member, sentences

from ner_core.ports import Answer
from ner_core.stages.extraction import cut_off, extract, rough_spans
from ner_core.types import Notice, Sentence, Span, StageCounts

ADA, VARNA = Span(0, 3), Span(9, 14)
(SENTENCE,) = sentences("Ada left Varna.")


def listing(style, *surfaces):
    quoted = ", ".join(f'"{s}"' for s in surfaces)
    return f'{{"entities": [{quoted}]}}' if style == "chat" else f"[{quoted}]"


async def extracted(answer, sentence=SENTENCE, **options):
    asked = member(Saying("a", answer), **options)
    found = await extract([asked], [sentence])
    return found.proposals["a"][sentence.index], asked.journal


async def test_the_union_holds_what_any_member_found_in_order_and_each_span_once():
    first = member(Saying("a", '{"Varna": "political place"}'))
    second = member(Saying("b", '{"Varna": "person", "Ada": "person"}'))

    found = await extract([first, second], [SENTENCE])

    assert found.union == {0: (ADA, VARNA)}
    assert found.proposals == {
        "a": {0: ((VARNA, "political place"),)},
        "b": {0: ((ADA, "person"), (VARNA, "person"))},
    }


async def test_what_is_found_in_a_sentence_is_kept_under_its_index():
    both = [Sentence("title", 4, 0, "Ada came."), Sentence("text", 7, 30, "So did Ada.")]

    found = await extract([member(Saying("a", '{"Ada": "person"}'))], both[::-1])

    assert found.union == {7: (Span(7, 10),), 4: (ADA,)}


async def test_a_chat_member_answers_with_an_object_of_surfaces_that_have_no_type_yet():
    proposals, _ = await extracted('{"entities": ["Varna", "Ada"]}', style="chat")

    assert proposals == ((ADA, ""), (VARNA, ""))


@pytest.mark.parametrize(
    "answer",
    [
        '```json\n{"entities": ["Varna", "Ada"]}\n```',
        '<think>\nAda is one.\n</think>\n{"entities": ["Varna", "Ada"]}',
        'Here they are: {"entities": [{"text": "Varna"}, {"text": "Ada"}]}',
    ],
)
async def test_a_chat_server_that_keeps_no_schema_is_understood(answer):
    proposals, journal = await extracted(answer, style="chat")

    assert proposals == ((ADA, ""), (VARNA, ""))
    assert not journal.notices


@pytest.mark.parametrize(
    ("style", "answer"),
    [("chat", "Ada is one."), ("pattern", '{"entities": ["Ada"]}'), ("pattern", "Ada")],
)
async def test_an_answer_of_another_form_is_no_answer_and_that_is_noted(style, answer):
    proposals, journal = await extracted(answer, Sentence("text", 3, 0, "Ada."), style=style)

    assert proposals == ()
    assert journal.notices == [Notice("abstained", "a", 3, "extract")]
    assert journal.counts == {("extract", "a"): StageCounts(requests=1, abstained=1)}


@pytest.mark.parametrize(
    "answer",
    [
        Answer('{"Ada": "person", "Var'),
        Answer('{"Ada": "person",'),
        Answer('{"Ada": "person"', complete=False),
        Answer('{"Ada": "person"}', complete=False),
    ],
    ids=["inside an item", "before an item", "at the limit", "at the limit, closed"],
)
async def test_a_cut_answer_counts_as_far_as_it_goes_and_that_is_noted(answer):
    proposals, journal = await extracted(answer, Sentence("text", 3, 0, "Ada left Varna."))

    assert proposals == ((ADA, "person"),)
    assert journal.notices == [Notice("answer_cut", "a", 3, "extract")]


@pytest.mark.parametrize("answer", ['{"Ada": "person"}', '{"Ada": "person"', ' {"Ada": "person"  '])
async def test_an_answer_that_a_model_ended_after_an_item_leaves_no_notice(answer):
    proposals, journal = await extracted(answer)

    assert proposals == ((ADA, "person"),)
    assert journal.notices == []


async def test_a_surface_that_is_not_in_the_sentence_is_rejected_and_counted():
    proposals, journal = await extracted('{"Eve": "person", "Ada": "person", "Bo": "person"}')

    assert proposals == ((ADA, "person"),)
    assert journal.counts["extract", "a"] == StageCounts(requests=1, literal=1, rejected=2)


async def test_what_a_member_itself_calls_none_is_not_proposed_and_not_rejected():
    proposals, journal = await extracted('{"Ada": "none", "Eve": "none", "Varna": "person"}')

    assert proposals == ((VARNA, "person"),)
    assert journal.counts["extract", "a"].rejected == 0


async def test_a_surface_listed_twice_keeps_its_first_type():
    proposals, _ = await extracted('{"Ada": "person", "Varna": "person", "Ada": "political place"}')

    assert proposals == ((ADA, "person"), (VARNA, "person"))


async def test_a_surface_listed_twice_has_its_types_in_turn():
    both = Sentence("text", 0, 0, "Ada met Ada, and Ada left.")
    answer = '{"Ada": "person", "Varna": "person", "Ada": "political place"}'

    proposals, _ = await extracted(answer, both)

    assert proposals == (
        (ADA, "person"),
        (Span(8, 11), "political place"),
        (Span(17, 20), "political place"),
    )


@pytest.mark.parametrize(
    ("answer", "types"),
    [
        ('{"Ada": "none", "Ada": "person"}', {8: "person"}),
        ('{"Ada": "person", "Ada": "none"}', {0: "person"}),
        ('{"Ada": "none", "Ada": "person", "Ada": "none"}', {0: "person", 8: "person"}),
    ],
)
async def test_a_place_whose_turn_is_none_is_not_proposed(answer, types):
    proposals, _ = await extracted(answer, Sentence("text", 0, 0, "Ada met Ada."))

    assert {span.start: name for span, name in proposals} == types


async def test_how_surfaces_were_found_is_counted():
    text = Sentence("text", 0, 0, "Ada met O’Neill.")
    _, journal = await extracted('{"Ada": "person", "O\'Neill": "person", "Eve": "person"}', text)

    assert journal.counts["extract", "a"] == StageCounts(
        requests=1, literal=1, folded=1, rejected=1
    )


async def test_a_listed_name_is_found_as_a_hashtag_where_it_is_in_no_other_form():
    (tag,) = sentences("So #AdaKern left.")
    (both,) = sentences("So #AdaKern is Ada Kern.")

    assert (await extracted('{"Ada Kern": "person"}', tag))[0] == ((Span(4, 11), "person"),)
    assert (await extracted('{"Ada Kern": "person"}', both))[0] == ((Span(15, 23), "person"),)


async def test_surfaces_are_found_as_the_member_saw_the_text():
    text = Sentence("text", 0, 0, "Ada <bos> Kern left.")
    proposals, _ = await extracted('{"Ada ‹bos> Kern": "person"}', text, control_tokens=["<bos>"])

    assert proposals == ((Span(0, 14), "person"),)


async def test_a_span_at_the_edge_of_a_window_is_left_to_the_window_that_has_it_whole():
    window = Sentence("text", 0, 0, "Kern met Ada", continues=True, continued=True)
    proposals, journal = await extracted('{"Kern": "person", "Ada": "person"}', window)

    assert proposals == ()
    assert journal.counts["extract", "a"].rejected == 2


async def test_a_surface_is_kept_where_no_edge_cuts_it():
    window = Sentence("text", 0, 0, "Ada met Ada", continued=True)
    proposals, journal = await extracted('{"Ada": "person"}', window)

    assert proposals == ((ADA, "person"),)
    assert journal.counts["extract", "a"].rejected == 0


@pytest.mark.parametrize(
    ("span", "continues", "continued", "cut"),
    [
        (Span(0, 3), True, False, True),
        (Span(0, 3), False, True, False),
        (Span(1, 3), True, False, False),
        (Span(5, 9), False, True, True),
        (Span(5, 9), True, False, False),
        (Span(5, 8), False, True, False),
        (Span(0, 3), True, True, True),
        (Span(5, 9), True, True, True),
        (Span(0, 8), True, True, True),
        (Span(1, 9), True, True, True),
        (Span(0, 9), True, True, False),
    ],
)
def test_only_a_span_at_an_edge_where_the_sentence_goes_on_may_be_cut(
    span, continues, continued, cut
):
    window = Sentence("text", 0, 0, "Ada Kerns", continues=continues, continued=continued)

    assert cut_off(span, window) is cut


@pytest.mark.parametrize("style", ["pattern", "chat"])
async def test_rough_spans_of_all_models_are_united(style):
    engines = [Saying("a", listing(style, "Varna")), Saying("b", listing(style, "Ada", "Varna"))]
    members = [member(engine, style=style) for engine in engines]

    assert await rough_spans(members, [SENTENCE], by_models=True) == {0: (ADA, VARNA)}
    assert [m.journal.counts["rough", m.name].requests for m in members] == [1, 1]


async def test_a_member_that_names_nothing_usable_at_first_abstains_there():
    mute = member(Saying("a", "Ada"))

    assert await rough_spans([mute], [SENTENCE], by_models=True) == {0: ()}
    assert mute.journal.notices == [Notice("abstained", "a", 0, "rough")]


async def test_rough_spans_by_rules_ask_nobody():
    engine = Saying("a", "[]")
    both = sentences("Ada left Varna.", "It rained.")

    spans = await rough_spans([member(engine)], both, by_models=False)

    assert spans == {0: (ADA, VARNA), 1: (Span(0, 2),)}
    assert engine.asked == []


@pytest.mark.parametrize("stage", [extract, lambda m, s: rough_spans(m, s, by_models=True)])
async def test_fewer_answers_than_sentences_are_an_error_and_no_sentence_without_entities(stage):
    with pytest.raises(ValueError, match="shorter"):
        await stage([member(Short("a", "{}"))], sentences("Ada left.", "Bo came."))
