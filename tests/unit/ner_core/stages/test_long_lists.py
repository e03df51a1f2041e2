"""A list of names that is cut at the limit of an answer is asked for to its end."""

import json

import pytest
from support.members import Saying, member

from ner_core.errors import EngineRequestError, PromptTooLongError
from ner_core.ports import Answer
from ner_core.stages.extraction import extract
from ner_core.types import Notice, Sentence

NAMES = (
    "Ana Falk, Bo Kern, Cy Dale, Di Fox, Eva Lind, Finn Moor, Gus Nash, Hana Okoro, Ivo Petrov, "
    "Jan Quist, Kai Rossi, Lea Silva, Max Tanaka, Nia Ueda, Olaf Varga, Pia Weiss, Quin Xu, "
    "Rosa Young, Sven Zapata, Tea Abadi, Uli Brandt, Vera Costa, Wim Duarte"
).split(", ")
SQUAD = Sentence("text", 0, 0, f"Squad: {', '.join(NAMES)}.")
CHARS_PER_TOKEN = 2


class Cut(Saying):
    """Says the same to every request, as far as its tokens go; ``context`` bounds them."""

    def __init__(self, said, context=10**9, refusal=PromptTooLongError):
        self.text, self.context, self.refusal = said, context, refusal
        super().__init__("a", self._cut)

    def _cut(self, request):
        if request.max_tokens > self.context:
            raise self.refusal("a", f"max_tokens is over {self.context}")
        text = self.text[: request.max_tokens * CHARS_PER_TOKEN]
        return Answer(text, complete=text == self.text)


def answer(names, style):
    if style == "chat":
        return json.dumps({"entities": names})
    return json.dumps(dict.fromkeys(names, "person"))


async def extracted(engine, style="pattern", sentence=SQUAD, **modes):
    asked = member(engine, style=style, **modes)
    found = await extract([asked], [sentence])
    surfaces = [sentence.text[span.start : span.end] for span in found.union[sentence.index]]
    return surfaces, asked.journal


@pytest.mark.parametrize("style", ["pattern", "chat"])
@pytest.mark.parametrize("tokens", [40, 80, 160])
async def test_all_names_of_a_long_list_are_found(style, tokens):
    engine = Cut(answer(NAMES, style))

    surfaces, journal = await extracted(engine, style, max_answer_tokens=tokens)

    assert surfaces == NAMES
    assert not journal.notices
    assert journal.counts["extract", "a"].requests == len(engine.asked)


async def test_all_names_of_a_long_list_of_hashtags_are_found():
    tags = [name.replace(" ", "") for name in NAMES]
    squad = Sentence("text", 0, 0, " ".join(f"#{tag}" for tag in tags))

    surfaces, _ = await extracted(
        Cut(answer(NAMES, "pattern")), sentence=squad, max_answer_tokens=80
    )

    assert surfaces == tags


async def test_a_list_that_fits_is_asked_for_once():
    engine = Cut(answer(NAMES, "pattern"))

    await extracted(engine, max_answer_tokens=1000)

    assert len(engine.asked) == 1


async def test_only_the_room_of_a_question_grows():
    engine = Cut(answer(NAMES, "pattern"))
    await extracted(engine, max_answer_tokens=80)

    first, *others = engine.asked
    assert {request.prompt for request in others} == {first.prompt}
    assert [request.max_tokens for request in engine.asked] == [80, 160, 320]


@pytest.mark.parametrize(
    "said",
    [
        '{"Ana Falk": "person", ' + '"Bo Kern": "person", ' * 500,
        "{" + "".join(f'"Name {n}": "person", ' for n in range(500)),
        '{"Ana Falk": "person" ' + '"Bo Kern": "person" ' * 500,
        '{"Ana Falk": "person" ' + "".join(f'"{name}": "person", ' for name in NAMES[1:] * 20),
        '{"Ana Falk": "person", Bo Kern, ' + "Cy Dale, " * 500,
        "I list them: " + "Ana Falk, " * 500,
    ],
)
async def test_a_list_without_end_is_not_asked_for_again(said):
    engine = Cut(said)
    _, journal = await extracted(engine)

    assert len(engine.asked) == 1
    assert {notice.code for notice in journal.notices} <= {"answer_cut", "abstained"}
    assert journal.notices


async def test_names_after_a_missing_comma_are_found():
    said = answer(NAMES, "pattern").replace('", ', '" ')

    surfaces, journal = await extracted(Cut(said), max_answer_tokens=1000)

    assert surfaces == NAMES
    assert not journal.notices


async def test_names_of_a_cut_list_that_misses_a_comma_are_kept_and_that_is_noted():
    engine = Cut(answer(NAMES, "pattern").replace('", ', '" ', 1))

    surfaces, journal = await extracted(engine, max_answer_tokens=80)

    assert surfaces == NAMES[: len(surfaces)]
    assert len(surfaces) > 5
    assert len(engine.asked) == 1
    assert journal.notices == [Notice("answer_cut", "a", 0, "extract")]


async def test_one_name_that_is_not_in_the_text_does_not_end_a_list():
    surfaces, _ = await extracted(Cut(answer(["Eve", *NAMES], "pattern")), max_answer_tokens=80)

    assert surfaces == NAMES


async def test_a_name_that_is_twice_in_the_text_may_be_listed_twice():
    names = [*NAMES, "Bo Kern"]
    sentence = Sentence("text", 0, 0, f"Squad: {', '.join(names)}.")
    said = "[" + ", ".join(f'"{name}"' for name in names) + "]"

    surfaces, _ = await extracted(
        Cut(f'{{"entities": {said}}}'), "chat", sentence, max_answer_tokens=40
    )

    assert surfaces == names


@pytest.mark.parametrize("refusal", [PromptTooLongError, EngineRequestError])
async def test_a_list_that_the_engine_gives_no_more_room_stays_cut_and_that_is_noted(refusal):
    engine = Cut(answer(NAMES, "pattern"), context=160, refusal=refusal)

    surfaces, journal = await extracted(engine, max_answer_tokens=80)

    assert surfaces == NAMES[: len(surfaces)]
    assert len(surfaces) > 5
    assert journal.notices == [Notice("answer_cut", "a", 0, "extract")]


class Obedient(Saying):
    """Lists as many of its names as the schema allows."""

    def __init__(self, names):
        self.names = names
        super().__init__("a", self._listed)

    def _listed(self, request):
        most = request.schema["properties"]["entities"]["maxItems"]
        return Answer(json.dumps({"entities": self.names[:most]}))


async def test_a_list_that_fills_its_schema_is_asked_for_again_with_a_longer_one():
    names = [f"Ada{n}" for n in range(150)]
    engine = Obedient(names)

    surfaces, _ = await extracted(engine, "chat", Sentence("text", 0, 0, " ".join(names)))

    assert surfaces == names
    assert len(engine.asked) == 3
