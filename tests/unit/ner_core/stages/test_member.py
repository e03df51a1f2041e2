"""What a member asks, and how it asks when a prompt is too long."""

import pytest
from support.members import LABELS, Narrow, Saying, member, sentences

from ner_core.errors import PromptTooLongError
from ner_core.ports import Answer, Message
from ner_core.stages.classification import classify_question
from ner_core.stages.extraction import extract_question, rough_question
from ner_core.stages.verification import Candidate, verify_question
from ner_core.types import Demonstration, Notice, Sentence, Span, StageCounts, TypedSpan

(SENTENCE,) = sentences("Ada left\nVarna.")
SHOWN = "Ada left Varna."
LEFT, CAME = (
    Demonstration(name, f"Bo {name} Rome.", (TypedSpan(Span(0, 2), "PER"),), "harbor")
    for name in ("left", "came")
)


def asking(style="pattern", **options):
    return member(Saying("a", "{}"), style=style, **options)


def question(request):
    """Give what the last lines of a prompt ask, after the demonstrations."""
    prompt = request.prompt if isinstance(request.prompt, str) else request.prompt[1].content
    return prompt[prompt.rindex("Text: ") :]


def system(request):
    (first, second) = request.prompt
    assert (first.role, second.role) == ("system", "user")
    return first.content


def test_a_pattern_member_lists_names_on_one_line():
    request = rough_question(asking(max_answer_tokens=100), SENTENCE)

    assert question(request) == f"Text: {SHOWN}\nNames:"
    assert (request.max_tokens, request.stop) == (100, ("\n",))
    assert (request.choices, request.schema) == ((), None)


def test_a_pattern_member_lists_entities_on_one_line():
    request = extract_question(asking(max_answer_tokens=100), SENTENCE)

    assert question(request) == f"Text: {SHOWN}\nEntities:"
    assert (request.max_tokens, request.stop) == (100, ("\n",))
    assert (request.choices, request.schema) == ((), None)


def test_a_pattern_member_completes_the_type_of_a_surface():
    request = classify_question(asking(), SENTENCE, 'A "B"')

    assert question(request) == f'Text: {SHOWN}\nEntities: {{"A \\"B\\"": "'
    assert request.choices == ("person", "political place", "none")
    assert (request.max_tokens, request.stop, request.schema) == (16, ('"',), None)


def test_a_pattern_member_completes_a_check():
    request = verify_question(asking(), Candidate(SENTENCE, "Ada", "PER"))

    assert question(request) == f'Text: {SHOWN}\nCheck: "Ada" is a person:'
    assert request.choices == (" yes", " no")
    assert (request.max_tokens, request.stop, request.schema) == (16, ("\n",), None)


@pytest.mark.parametrize("stage", [rough_question, extract_question])
def test_a_chat_member_lists_surfaces_in_an_object_with_room_for_its_form(stage):
    request = stage(asking("chat", max_answer_tokens=100), SENTENCE)

    assert f"Text: {SHOWN}\n" in question(request)
    assert "- political place: a country" in system(request)
    assert (request.max_tokens, request.stop, request.choices) == (200, (), ())
    assert request.schema == {
        "type": "object",
        "properties": {"entities": {"type": "array", "items": {"type": "string"}, "maxItems": 64}},
        "required": ["entities"],
        "additionalProperties": False,
    }


def test_a_chat_member_is_asked_for_names_and_for_entities_in_other_words():
    asked = asking("chat")

    assert "may be a name" in question(rough_question(asked, SENTENCE))
    assert "of these types" in question(extract_question(asked, SENTENCE))


def labelled(*options):
    return {
        "type": "object",
        "properties": {"label": {"enum": list(options)}},
        "required": ["label"],
        "additionalProperties": False,
    }


def test_a_chat_member_chooses_a_type_in_an_object():
    request = classify_question(asking("chat"), SENTENCE, "Ada")

    assert 'Which type has "Ada" in the last text?' in question(request)
    assert system(request)
    assert request.choices == ("person", "political place", "none")
    assert (request.max_tokens, request.stop) == (32, ())
    assert request.schema == labelled("person", "political place", "none")


def test_a_chat_member_chooses_yes_or_no_in_an_object():
    request = verify_question(asking("chat"), Candidate(SENTENCE, "Ada", "PER"))

    assert 'is "Ada" of the type person?' in question(request)
    assert request.choices == ("yes", "no")
    assert (request.max_tokens, request.stop) == (32, ())
    assert request.schema == labelled("yes", "no")


def test_a_message_of_chat_holds_the_question_after_the_types():
    request = extract_question(asking("chat"), SENTENCE)

    assert request.prompt[0] == Message("system", asking("chat").prompts.system(LABELS))


def test_a_question_of_stage_4_begins_as_those_of_the_other_stages_do():
    shown = asking(demonstrations={0: (LEFT,)})
    extract = extract_question(shown, SENTENCE).prompt
    verify = verify_question(shown, Candidate(SENTENCE, "Ada", "PER")).prompt

    assert "Bo left Rome." in verify
    assert verify.removesuffix('Check: "Ada" is a person:') == extract.removesuffix("Entities:")


def test_demonstrations_show_as_many_spans_that_are_none_as_the_ensemble_asks_for():
    without = extract_question(asking(demonstrations={0: (LEFT,)}, none_keys=0), SENTENCE).prompt
    with_one = extract_question(asking(demonstrations={0: (LEFT,)}, none_keys=1), SENTENCE).prompt

    assert '"Rome"' not in without
    assert 'Entities: {"Bo": "person", "Rome": "none"}' in with_one


def test_control_tokens_are_defused_in_demonstrations_too():
    said = Demonstration("said", "Bo <bos> it.", (TypedSpan(Span(0, 8), "PER"),), "harbor")
    shown = asking(demonstrations={0: (said,)}, control_tokens=["<bos>"])

    prompt = extract_question(shown, SENTENCE).prompt
    assert 'Text: Bo ‹bos> it.\nEntities: {"Bo ‹bos>": "person"}' in prompt


def test_the_last_demonstrations_are_shown_up_to_the_limit():
    asked = asking(demonstrations={0: (LEFT, CAME)})
    asked.limit = 1
    prompt = extract_question(asked, SENTENCE).prompt

    assert "Bo came" in prompt
    assert "Bo left" not in prompt


@pytest.mark.parametrize("limit", [2, 3])
def test_all_demonstrations_are_shown_where_the_limit_allows_them(limit):
    asked = asking(demonstrations={0: (LEFT, CAME)})
    asked.limit = limit
    prompt = extract_question(asked, SENTENCE).prompt

    assert prompt.index("Bo left") < prompt.index("Bo came")


async def test_a_call_has_the_priority_of_its_member():
    engine = Saying("a", "{}")
    await member(engine, priority=-2).ask("extract", [SENTENCE], list)

    assert engine.priorities == [-2]


async def test_what_answers_cost_is_counted_for_the_stage_and_the_model():
    costly = Answer("{}", prompt_tokens=7, cached_tokens=5, completion_tokens=3)
    asked = member(Saying("a", costly))
    await asked.ask("extract", [SENTENCE], lambda: [extract_question(asked, SENTENCE)] * 2)

    assert asked.journal.counts == {
        ("extract", "a"): StageCounts(
            requests=2, prompt_tokens=14, cached_tokens=10, completion_tokens=6
        )
    }


async def test_demonstrations_are_halved_until_a_prompt_fits_and_each_time_that_is_noted():
    asked = member(Narrow(1, "{}"), demonstrations={0: (LEFT, CAME) * 2 + (LEFT,)})

    await asked.ask("extract", [SENTENCE], lambda: [extract_question(asked, SENTENCE)])

    assert asked.limit == 1
    assert [r.prompt.count("Text: ") - 1 for r in asked.engine.asked] == [5, 2, 1]
    assert asked.journal.notices == [
        Notice("demonstrations_dropped", "a", None, "shown 2 of 5"),
        Notice("demonstrations_dropped", "a", None, "shown 1 of 2"),
    ]


async def test_the_sentence_with_the_most_demonstrations_decides_how_many_are_left():
    both = sentences("Ada left.", "Ada came.")
    asked = member(Narrow(2, "{}"), demonstrations={0: (LEFT,), 1: (LEFT, CAME) * 2})

    await asked.ask("extract", both, lambda: [extract_question(asked, s) for s in both])

    assert asked.limit == 2


async def test_a_prompt_that_is_too_long_without_demonstrations_is_an_error():
    asked = member(Narrow(-1, "{}"), demonstrations={0: (LEFT,)})

    with pytest.raises(PromptTooLongError):
        await asked.ask("extract", [SENTENCE], lambda: [extract_question(asked, SENTENCE)])

    assert [r.prompt.count("Text: ") - 1 for r in asked.engine.asked] == [1, 0]


def test_a_text_is_shown_without_line_breaks_and_control_tokens():
    shown = asking(control_tokens=["<bos>"]).sanitize("Ada\r\n<bos>")

    assert shown == "Ada  ‹bos>"
    request = rough_question(asking(control_tokens=["<bos>"]), Sentence("text", 0, 0, "<bos>"))
    assert "‹bos>" in request.prompt


def test_a_prefix_is_rendered_again_for_another_sentence_or_limit():
    asked = asking(demonstrations={0: (LEFT, CAME), 1: (LEFT, CAME)})
    first, second = sentences("Ada left.", "Ada came.")

    both = extract_question(asked, first).prompt
    assert extract_question(asked, second).prompt.endswith("Text: Ada came.\nEntities:")
    asked.limit = 1
    assert "Bo left" in both
    assert "Bo left" not in extract_question(asked, first).prompt
