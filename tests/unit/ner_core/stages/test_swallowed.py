"""A person does not begin with the place that the office before the name is of."""

import pytest
from support.pipelines import pipeline

from ner_core.ports import Answer
from ner_core.stages.swallowed import without_swallowed
from ner_core.stages.voting import Tally
from ner_core.testing import RuleEngine
from ner_core.types import Document, Sentence, Span


def elected(*sentences):
    """Return the tallies of the surfaces of sentences, each given with its type."""
    tallies = {}
    for index, (text, named) in enumerate(sentences):
        sentence = Sentence("text", index, 100 * index, text)
        for surface, kind in named.items():
            at = text.index(surface)
            tallies[sentence, Span(at, at + len(surface))] = Tally(kind, {kind: 1}, 1.0)
    return tallies


def found(tallies):
    return [(s.text[span.start : span.end], tally.winner) for (s, span), tally in tallies.items()]


ELSEWHERE = ("Ana Kern is in Norway.", {"Ana Kern": "person", "Norway": "location"})


@pytest.mark.parametrize("place", ["Norway", "the Norway"])
def test_a_person_begins_after_the_place_that_the_office_is_of(place):
    tallies = elected(
        (f"President of {place} Ana Kern spoke.", {"Norway Ana Kern": "person"}), ELSEWHERE
    )

    assert found(without_swallowed(tallies)) == [
        ("Ana Kern", "person"), ("Ana Kern", "person"), ("Norway", "location"),
    ]  # fmt: skip


def test_a_person_who_is_there_already_is_one_mention():
    named = {"Norway Ana Kern": "person", "Ana Kern": "person", "Norway": "location"}
    tallies = elected(("President of Norway Ana Kern spoke.", named))

    assert found(without_swallowed(tallies)) == [("Ana Kern", "person"), ("Norway", "location")]


@pytest.mark.parametrize(
    ("text", "surface", "kind"),
    [
        ("Norway Ana Kern spoke.", "Norway Ana Kern", "person"),
        ("Friends of Norway Ana Kern spoke.", "Norway Ana Kern", "organization"),
        ("Friends of Oslo Ana Kern spoke.", "Oslo Ana Kern", "person"),
        ("Friends of Norway Kern spoke.", "Norway Kern", "person"),
    ],
)
def test_a_mention_keeps_its_beginning_otherwise(text, surface, kind):
    tallies = elected((text, {surface: kind}), ELSEWHERE)

    assert without_swallowed(tallies) == tallies


def test_the_person_stays_one_whatever_won_at_the_place_of_the_name_alone():
    text = "Friends of Norway Ana Kern spoke."
    tallies = elected((text, {"Norway Ana Kern": "person", "Ana Kern": "location"}), ELSEWHERE)

    assert found(without_swallowed(tallies)).count(("Ana Kern", "person")) == 2
    assert ("Ana Kern", "location") not in found(without_swallowed(tallies))


class Reader(RuleEngine):
    """Extracts runs of capitals; those with Kern are persons, the others locations."""

    def _answer(self, request):
        if request.choices:
            person = "Kern" in str(request.prompt).rsplit("\n", 1)[-1]
            kind = "person" if person else "location"
            return Answer(kind, probabilities={kind: 1.0})
        return super()._answer(request)


async def test_the_record_of_a_document_has_the_person_alone():
    document = Document("x", "A friend of Norway Ana Kern left.\nAna Kern won.\nNorway lost.")
    tagged = await (await pipeline(Reader("a"), verify="off")).tag(document)

    persons = [e.text for e in tagged.entities if e.type == "person"]
    assert persons == ["Ana Kern", "Ana Kern"]
    assert tagged.entities[-1].text == "Norway"
