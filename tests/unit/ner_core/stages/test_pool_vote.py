"""The pool as a member of the ensemble."""

from support.pipelines import DOCUMENT, Fixed, found, pipeline

from ner_core.testing import RuleEngine, Script
from ner_core.types import Demonstration, Document, Span, TypedSpan

CAME = Demonstration(
    "came",
    "Ada Kern came to Varna on Friday.",
    (TypedSpan(Span(0, 8), "person"), TypedSpan(Span(17, 22), "location")),
)


async def test_the_pool_finds_its_own_names_where_no_model_does_and_the_models_vote_on_them():
    blind = RuleEngine("a", Script(blind=("Ada Kern",)))
    alone = await (await pipeline(blind, verify="off", pool=[CAME])).tag(DOCUMENT)
    tagged = await (await pipeline(blind, verify="off", pool=[CAME], pool_votes=True)).tag(DOCUMENT)

    assert ("text", "Ada Kern") not in found(alone)
    (entity,) = (e for e in tagged.entities if e.text == "Ada Kern" and e.field == "text")
    assert sum(entity.votes.values()) == 2


async def test_what_only_looks_like_a_name_in_the_pool_has_its_vote_for_none():
    document = Document("doc", "They met Bo Falk on Friday.")
    made = await pipeline(Fixed("a", kind="event"), verify="off", pool=[CAME], pool_votes=True)
    tagged = await made.tag(document, explain=True)

    votes = {
        document.text[s:e]: said["pool"]["type"] for s, e, said in tagged.explanation[0]["votes"]
    }
    assert votes["Friday"] == "none"


async def test_of_two_models_that_differ_the_one_is_right_that_the_pool_agrees_with():
    engines = [Fixed("a", kind="event"), Fixed("b", kind="location")]
    made = await pipeline(*engines, verify="off", pool=[CAME], pool_votes=True)

    (varna,) = (
        e for e in (await made.tag(DOCUMENT)).entities if e.text == "Varna" and e.field == "text"
    )
    assert varna.type == "location"
    assert varna.votes == {"event": 1, "location": 2}


async def test_a_pool_without_a_name_has_no_vote():
    empty = Demonstration("empty", "Rain fell all day.", ())
    tagged = await (await pipeline(RuleEngine("a"), pool=[empty], pool_votes=True)).tag(DOCUMENT)

    assert tagged.entities
    assert all(sum(e.votes.values()) == 1 for e in tagged.entities)


async def test_a_name_of_a_type_that_is_not_asked_for_counts_for_none():
    sailed = Demonstration("sailed", "Varna sailed.", (TypedSpan(Span(0, 5), "ship"),))
    document = Document("doc", "She met Bo Falk in Varna.")
    made = await pipeline(Fixed("a", kind="event"), verify="off", pool=[sailed], pool_votes=True)

    said = (await made.tag(document, explain=True)).explanation[0]["votes"]
    (varna,) = (votes["pool"] for s, e, votes in said if document.text[s:e] == "Varna")
    assert varna["type"] == "none"


async def test_a_pool_of_one_name_does_not_take_everything_for_its_like():
    came = Demonstration("came", "Wolf Xu came.", (TypedSpan(Span(0, 7), "person"),))
    blind = RuleEngine("a", Script(blind=("Varna",)))
    made = await pipeline(blind, verify="off", pool=[came], pool_votes=True)

    assert "Varna" not in {e.text for e in (await made.tag(DOCUMENT)).entities}
