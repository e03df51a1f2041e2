"""Answers of servers that keep no schema, through the whole pipeline."""

import pytest
from support.pipelines import pipeline

from ner_core.ports import Answer
from ner_core.testing import RuleEngine
from ner_core.types import Document

CHINESE, ENGLISH = "王明，李华去了北京。", "Ana Kern met Bo Falk in Oslo."


class Saying(RuleEngine):
    """Gives one answer to each question about names, and takes the first type for each."""

    def __init__(self, said):
        super().__init__("a")
        self.said = said

    def _answer(self, request):
        return Answer(request.choices[0] if request.choices else self.said)


async def tagged(said, text):
    asking = await pipeline(Saying(said), style="chat", verify="off", pool=())
    return await asking.tag(Document("d", text), explain=True)


@pytest.mark.parametrize(
    ("said", "text", "names"),
    [
        ('{"entities": ["王明"，"李华", "北京"]}', CHINESE, ["王明", "李华", "北京"]),
        ('["王明"，"北京"]', CHINESE, ["王明", "北京"]),
        ("1. 王明（person）\n2. 北京（location）", CHINESE, ["王明", "北京"]),
        ("person：王明，李华\nlocation：北京", CHINESE, ["王明", "李华", "北京"]),
        (
            "Here are the entities: Ana Kern (person), Oslo (location).",
            ENGLISH,
            ["Ana Kern", "Oslo"],
        ),
        ('"Ana Kern" is a person. "Oslo" is a location.', ENGLISH, ["Ana Kern", "Oslo"]),
        ("Person: Ana Kern, Bo Falk. Location: Oslo.", ENGLISH, ["Ana Kern", "Bo Falk", "Oslo"]),
        ("1.Ana Kern\n2.Oslo", ENGLISH, ["Ana Kern", "Oslo"]),
        ("Ana Kern|person;Oslo|location", ENGLISH, ["Ana Kern", "Oslo"]),
        ("- Ana Kern, a person", ENGLISH, ["Ana Kern"]),
        ("{entities: [Ana Kern, Oslo]}", ENGLISH, ["Ana Kern", "Oslo"]),
        ('\\["Ana Kern", "Oslo"\\]', ENGLISH, ["Ana Kern", "Oslo"]),
        ("1.FC Köln (organization)", "1.FC Köln lost.", ["1.FC Köln"]),
    ],
)
async def test_each_name_that_an_answer_says_is_an_entity(said, text, names):
    assert [entity.text for entity in (await tagged(said, text)).entities] == names


async def test_an_answer_in_which_names_run_together_counts_as_none():
    result = await tagged("Ana Kern (person) met Bo Falk in Oslo (location).", ENGLISH)

    assert result.entities == ()
    assert "abstained" in {warning.code for warning in result.warnings}
