"""The pipeline of an ensemble whose types a stack elects."""

from support.pipelines import DOCUMENT, Fixed, ensemble, found, pipeline

from ner_core.stack import Stack


async def test_a_stack_elects_instead_of_the_majority():
    engines = [Fixed("a", kind="event"), Fixed("b", kind="event"), Fixed("c", kind="group")]
    stacks = {"default": Stack(intercept=0.0, weights={"c votes": 1.0})}
    stacked = (await pipeline(*engines, verify="off")).with_ensemble(
        ensemble("a", "b", "c", verify="off").model_copy(update={"stacks": stacks})
    )

    by_majority = await (await pipeline(*engines, verify="off")).tag(DOCUMENT)
    by_stack = await stacked.tag(DOCUMENT)

    assert {e.type for e in by_majority.entities} == {"event"}
    assert {e.type for e in by_stack.entities} == {"group"}
    assert by_stack.fingerprint != by_majority.fingerprint


async def test_a_no_of_the_verifier_about_what_a_stack_elects_is_stated_and_drops_nothing():
    engines = [Fixed("a", check=" no"), Fixed("b")]
    stacks = {"default": Stack(intercept=0.5, weights={})}
    stacked = (await pipeline(*engines)).with_ensemble(
        ensemble("a", "b").model_copy(update={"stacks": stacks})
    )

    tagged = await stacked.tag(DOCUMENT)

    assert found(tagged)
    assert {e.verified for e in tagged.entities} == {False}
    assert {e.score for e in tagged.entities} == {0.6225}
