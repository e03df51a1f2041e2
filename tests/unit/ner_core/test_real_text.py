"""What real feeds contain, through the whole pipeline: spans are over the text as written."""

from collections.abc import Mapping

import orjson
import pytest
from support.pipelines import pipeline

from ner_core.ports import Answer, Request
from ner_core.testing import RuleEngine
from ner_core.types import Demonstration, Document, Span, TypedSpan

NAMES = {"Ana": "person", "Ana Kern": "person"}


class Naming(RuleEngine):
    """Lists the names it knows, all of them, and types a mention by what it is shown of it."""

    def __init__(self, names: Mapping[str, str], typed=None):
        super().__init__("a")
        self.names, self.typed = names, typed or (lambda _, surface: names.get(surface, "person"))

    def _answer(self, request: Request) -> Answer:
        if not request.choices:
            return Answer(orjson.dumps(self.names).decode())
        shown, question = request.prompt.rsplit("Text: ", 1)[1].split("\n", 1)
        surface = orjson.loads(question.removeprefix("Entities: {").removesuffix(': "'))
        kind = self.typed(shown, surface)
        return Answer(kind, probabilities={kind: 1.0})


async def tagged(text, names, *, title="", language=None, typed=None, **modes):
    document = Document("d", text, title, language)
    engine = Naming(names if isinstance(names, Mapping) else dict.fromkeys(names, "person"), typed)
    asking = await pipeline(engine, verify="off", pool=(), **modes)
    result = await asking.tag(document, explain=True)
    for entity in result.entities:
        field = document.field(entity.field)
        assert field[entity.span.start : entity.span.end] == entity.text
    return result


def places(result, field="text"):
    return [(e.span.start, e.span.end) for e in result.entities if e.field == field]


@pytest.mark.parametrize(
    ("text", "language", "names", "spans"),
    [
        (
            "김민수는 서울에서 이영희를 만났다.", "ko",
            ["김민수", "서울", "이영희"], [(0, 3), (5, 7), (10, 13)],
        ),
        (
            ("The mayor of New\u00a0York, Jean\u2011Luc Pic\u00adard, met O’Neill, "
            "Jose\u0301 Diaz and Ana\u200b Kern of Griﬃth & Co."), None,
            ["New York", "Jean-Luc Picard", "O'Neill", "José Diaz", "Ana Kern", "Griffith & Co"],
            [(13, 21), (23, 39), (45, 52), (54, 64), (69, 78), (82, 93)],
        ),
        ("Goal! ⚽️Messi scores, ❤️Barcelona wins.", None,
         ["Messi", "Barcelona"], [(8, 13), (24, 33)]),
        ("Der 1. FC Köln verlor gegen den 1. FSV Mainz 05.", "de",
         ["1. FC Köln", "1. FSV Mainz 05"], [(4, 14), (32, 47)]),
        ("Troops left Ft. Bragg with Amb. Di Fox.", None,
         ["Ft. Bragg", "Amb. Di Fox"], [(12, 21), (27, 38)]),
        ("Th. Mann and Chr. Meyer of the .NET Foundation wrote to Jl. Merdeka.", None,
         ["Th. Mann", "Chr. Meyer", ".NET Foundation", "Jl. Merdeka"],
         [(0, 8), (13, 23), (31, 46), (56, 67)]),
        ("Mr O\x92Neill met Jean\x96Luc of \x8aumava.", None,
         ["O'Neill", "Jean-Luc", "Šumava"], [(3, 10), (15, 23), (27, 33)]),
        ("윤석열정부는 그곳이 서울이었으며 그가 김민수임을 안다.", "ko",
         ["윤석열", "서울", "김민수"], [(0, 3), (11, 13), (21, 24)]),
    ],
)  # fmt: skip
async def test_names_are_found_as_they_are_written(text, language, names, spans):
    assert places(await tagged(text, names, language=language)) == spans


async def test_markup_is_decoded_for_models_and_spans_are_over_the_source():
    title = "AT&amp;T &#8211; Bj&ouml;rn&nbsp;Borg&#8217;s deal"
    text = "<p>Shares of AT&amp;T and of Bj&ouml;rn&nbsp;Borg rose.</p>"

    result = await tagged(text, ["AT&T", "Björn Borg"], title=title)

    assert [e.text for e in result.entities] == ["AT&amp;T", "Bj&ouml;rn&nbsp;Borg"] * 2
    assert places(result) == [(13, 21), (29, 49)]
    assert [w.detail for w in result.warnings if w.code == "markup"] == ["title", "text"]
    assert [entry["start"] for entry in result.explanation] == [0, 3]
    [extracted] = [entry["extracted"]["a"] for entry in result.explanation[1:]]
    assert [tuple(offsets[:2]) for offsets in extracted] == [(13, 21), (29, 49)]


async def test_a_text_without_markup_has_no_warning_of_it():
    assert (await tagged("AT&T met <ada@varna.org>.", ["AT&T"])).warnings == ()


@pytest.mark.parametrize("kinds", [("person", "location"), ("location", "person")])
async def test_two_windows_that_disagree_give_one_entity(kinds):
    filler = "the ship sailed on and on past many small towns and quiet fields of corn "
    text = f"{filler * 7}{filler[:24]}then Jordan Vale won gold {filler * 6}".strip()
    seen = []

    def typed(shown, _):
        seen.append(shown)
        return kinds[len(seen) - 1]

    result = await tagged(text, ["Jordan Vale"], typed=typed)

    assert len(set(seen)) == 2
    assert places(result) == [(text.index("Jordan"), text.index("Jordan") + 11)]


async def test_a_surface_that_occurs_twice_is_two_mentions_each_with_its_own_type():
    result = await tagged(
        "Washington flew to Washington on Monday.",
        ["Washington"],
        typed=lambda shown, _: "location" if "to [Washington]" in shown else "person",
    )

    assert [(e.span.start, e.span.end, e.type) for e in result.entities] == [
        (0, 10, "person"),
        (19, 29, "location"),
    ]


@pytest.mark.parametrize("verified", [True, False])
async def test_mentions_of_one_surface_are_verified_apart(verified):
    class Verifying(Naming):
        def _answer(self, request):
            if " yes" not in request.choices:
                return super()._answer(request)
            answer = " yes" if "[Ana] met Ana" in request.prompt or verified else " no"
            return Answer(answer, probabilities={answer: 1.0})

    asking = await pipeline(Verifying({"Ana": "person"}), verify="all", pool=())
    result = await asking.tag(Document("d", "Ana met Ana."))

    assert places(result) == ([(0, 3), (8, 11)] if verified else [(0, 3)])


async def test_a_demonstration_keeps_both_types_of_a_surface():
    both = (TypedSpan(Span(0, 10), "person"), TypedSpan(Span(16, 26), "location"))
    shown = Demonstration("d1", "Washington left Washington.", both, "news")
    engine = Naming({"Ana": "person"})

    await (await pipeline(engine, verify="off", pool=[shown])).tag(Document("d", "Ana left."))

    pairs = 'Entities: {"Washington": "person", "Washington": "location"}'
    assert all(pairs in request.prompt for request in engine.asked)


async def test_a_plain_sentence_is_asked_about_without_brackets():
    engine = Naming({"Ana": "person", "Bo": "person"})

    await (await pipeline(engine, verify="off", pool=())).tag(Document("d", "Ana met Bo."))

    assert len(engine.asked) == 3
    assert not any("[" in request.prompt for request in engine.asked)


async def test_a_short_name_inside_a_long_one_is_no_second_mention():
    text = "Ana Kern sat down. Bo Falk said Ana Kern knew Ana."

    assert places(await tagged(text, NAMES)) == [(0, 8), (32, 40), (46, 49)]
    assert places(await tagged("Ana Kern sat by Ana.", NAMES)) == [(0, 8), (16, 19)]


async def test_a_label_set_whose_demonstrations_are_nested_wants_names_inside_names():
    both = (TypedSpan(Span(0, 8), "person"), TypedSpan(Span(4, 8), "person"))
    shown = Demonstration("d1", "Bo Falk1 left.", both, "news")
    asking = await pipeline(Naming(NAMES), verify="off", pool=[shown])

    result = await asking.tag(Document("d", "Ana Kern sat by Ana."))

    assert places(result) == [(0, 3), (0, 8), (16, 19)]


async def test_no_sentence_ends_in_a_name_of_the_pool():
    shown = Demonstration(
        "d1", "Dir. Jeopardy! Hosts left.", (TypedSpan(Span(5, 20), "person"),), "news"
    )
    engine = Naming({"Jeopardy! Hosts": "person"})
    asking = await pipeline(engine, verify="off", pool=[shown])

    result = await asking.tag(Document("d", "He saw Jeopardy! Hosts today."))

    assert places(result) == [(7, 22)]


PAIR = {"President Bo Falk": "person", "Bo Falk": "person"}


async def test_of_a_nested_pair_the_better_one_is_an_entity_unless_both_are_to_be_kept():
    text = "President Bo Falk left."

    assert places(await tagged(text, PAIR, overlaps="keep")) == [(0, 17), (10, 17)]
    assert places(await tagged(text, PAIR)) == [(0, 17)]
