"""Whatever a feed contains: spans are over the text, between graphemes, and nothing raises."""

import asyncio
import time
from itertools import pairwise

import orjson
import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st
from support.often import often
from support.pipelines import pipeline

from ner_core.errors import TagwireError
from ner_core.pool.border_words import BorderWords, Words
from ner_core.ports import Answer
from ner_core.testing import RuleEngine
from ner_core.text.borders import Borders
from ner_core.text.grounding import ground
from ner_core.text.markup import without_markup
from ner_core.text.sentences import split
from ner_core.types import Document, Span

pytestmark = [
    pytest.mark.no_cover,  # tracing would make thousands of examples twice as slow
    pytest.mark.timeout(600),  # thousands of examples, on a machine that may be busy
]


PIECES = [
    *"aZß1_.-'’“ \t\n\r\u00a0\u00ad\u200b\u200c\u200d\u200e\u2028\u2029\u0301\u0308\ufe0f\u20e3",
    *"김는북京トがกำשהבקאللة\u064b\u05b8ქაչவ்ை\u2066\u2069\x00\ud800\udfff\ufeff\x85\x1c¹ᵃﬃİıΣς",
    *("⚽️", "1️⃣", "🇦🇷", "👩‍🚀", "New York", "Dr.", "1. FC", "O’Neill", "\n\n", "- ", "**", "| "),
    *("<p>", "</p>", "&amp;", "&lt;", "&#8217;", "<br", ">", "<!--", "-->", "<bos>", "<|im_end|>"),
    *("\u1112\u1161\u11ab", "e\u0301", "か\u3099", "Ada", "ADA", "Kern", "سلام", "שלום", "კახი"),
]
texts = st.builds(
    lambda numbers, rest: "".join(PIECES[number % len(PIECES)] for number in numbers) + rest,
    st.binary(max_size=24),
    st.text(max_size=3),
)


def graphemes(text):
    return {0, len(text), *(match.end() for match in regex.finditer(r"\X", text))}


@st.composite
def surfaces_in(draw):
    """Return a text, and a part of it or of another."""
    text, other = draw(texts), draw(texts)
    source = draw(st.sampled_from([text, text.upper(), text.lower(), other]))
    start = draw(st.integers(0, len(source)))
    return text, source[start : draw(st.integers(start, min(len(source), start + 12)))]


@often
@given(surfaces_in())
@example(("Messi\ufe0f", "Messi"))
@example(("a\u0301\u200d", "a"))
def test_a_span_begins_and_ends_between_graphemes_and_spans_do_not_overlap(drawn):
    text, surface = drawn
    spans = ground(surface, text)

    assert graphemes(text).issuperset(edge for s in spans for edge in (s.start, s.end))
    assert all(one.end <= later.start for one, later in pairwise(spans))


pieces = st.frozensets(st.sampled_from([piece.casefold() for piece in PIECES]))


@often
@given(surfaces_in(), st.tuples(pieces, pieces, pieces, pieces))
def test_a_border_that_moves_stays_between_graphemes_and_words(drawn, words):
    (text, surface), (first, no_first, last, no_last) = drawn, words
    spans = ground(surface, text)
    moved = BorderWords(Words(first, no_first), Words(last, no_last)).moved(text, spans)
    borders = Borders(text)

    assert moved.keys() == set(spans)
    for span, to in moved.items():
        assert 0 <= to.start < to.end <= len(text)
        assert to.start == span.start or borders.opens(to.start)
        assert to.end == span.end or borders.closes(to.end)
        assert graphemes(text).issuperset((to.start, to.end))


@often
@given(texts, st.sampled_from([None, "de", "ko_KR", "zh-Hant", "xx", "ar"]), st.integers(50, 80))
def test_sentences_read_as_in_their_field_and_leave_out_nothing(text, language, max_chars):
    document = Document("d", text, language=language)
    found = split(document, max_chars=max_chars, overlap_chars=20)

    seen = set()
    for unit in found:
        end = unit.start + len(unit.text)
        assert text[unit.start : end] == unit.text
        assert 0 < len(unit.text) <= max_chars
        seen.update(range(unit.start, end))
    left = [c for at, c in enumerate(text) if at not in seen]
    assert all(c.isspace() or c in "\x00\ufeff\u200b" or "\ud800" <= c <= "\udfff" for c in left)
    assert [unit.index for unit in found] == list(range(len(found)))


@often
@given(texts)
def test_every_part_of_a_text_without_markup_is_of_its_source_in_order(text):
    plain = without_markup(text)

    if plain is not None:
        assert len(plain.origin) == len(plain.text)
        assert all(0 <= start < end <= len(text) for start, end in plain.origin)
        assert list(plain.origin) == sorted(plain.origin)
        assert plain.source(Span(0, 1)).start == plain.origin[0][0] if plain.text else True


class Copying(RuleEngine):
    """Lists what it is told, and answers choices at random but always alike."""

    def __init__(self, surfaces, raw):
        super().__init__("a")
        self.surfaces, self.raw = surfaces, raw

    def _answer(self, request):
        if request.choices:
            return Answer(request.choices[hash(str(request.prompt)) % len(request.choices)])
        if self.raw is not None:
            return Answer(self.raw)
        pairs = dict.fromkeys(self.surfaces, "person")
        return Answer(orjson.dumps(pairs).decode())


names = st.lists(texts.map(lambda t: t.encode("utf-8", "replace").decode()[:9]), max_size=5)


@often
@given(texts, texts, names, st.one_of(st.none(), texts))
def test_every_document_has_an_outcome_and_every_entity_is_what_its_field_reads(
    title, text, surfaces, raw
):
    async def tagged():
        asking = await pipeline(Copying([*surfaces, "Ada", "New York"], raw), verify="off", pool=())
        return await asking.tag(document, explain=True)

    document = Document("d", text, title)
    try:
        result = asyncio.run(tagged())
    except TagwireError:
        return
    for entity in result.entities:
        field = document.field(entity.field)
        assert field[entity.span.start : entity.span.end] == entity.text
        assert {entity.span.start, entity.span.end} <= graphemes(field)


@pytest.mark.timed
@pytest.mark.parametrize(
    "text",
    [
        "x" * 200_000,
        "word " * 40_000,
        "김민수는 " * 40_000,
        "北" * 200_000,
        "\u200e" * 200_000,
        "_" * 200_000,
        "e" + "\u0301" * 200_000,
        "&amp;" * 40_000,
        ". " * 100_000,
    ],
    ids=lambda text: ascii(text[:6]),
)
async def test_200_000_characters_take_seconds(text):
    surfaces = ["Ada Kern", "Bo Falk", "김민수", "x", "Word"]
    asking = await pipeline(Copying(surfaces, None), verify="off", pool=())
    began = time.process_time()

    await asking.tag(Document("d", text))

    assert time.process_time() - began < 60


@pytest.mark.timed
async def test_20_000_names_take_seconds():
    text = " ".join(f"Name{number} met." for number in range(20_000))[:200_000]
    asking = await pipeline(RuleEngine("a"), verify="off", pool=())
    began = time.process_time()

    await asking.tag(Document("d", text))

    assert time.process_time() - began < 60
