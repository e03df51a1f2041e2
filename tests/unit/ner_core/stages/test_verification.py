"""Stage 4: the verifier's yes or no, from probabilities where it gives them."""

import pytest
from support.members import Saying, Short, member, sentences

from ner_core.ports import Answer
from ner_core.stages.verification import UNASKED, Candidate, Verdict, verify, verify_elected
from ner_core.stages.voting import Tally
from ner_core.types import Notice, Sentence, Span, StageCounts

SENTENCE = Sentence("text", 5, 0, "Ada left Varna.")
ADA, VARNA = Candidate(SENTENCE, "Ada", "PER"), Candidate(SENTENCE, "Varna", "LOC")


async def verdict_on_ada(answer, threshold=0.5):
    verifier = member(Saying("a", answer))
    verdicts = await verify(verifier, [ADA], threshold=threshold)
    return verdicts[ADA], verifier.journal


async def test_the_question_names_surface_and_type():
    engine = Saying("a", "yes")

    await verify(member(engine), [VARNA], threshold=0.5)

    assert engine.asked[0].prompt.endswith('\nCheck: "Varna" is a political place:')


async def test_every_candidate_has_the_verdict_on_its_own_question_and_is_asked_about_once():
    engine = Saying("a", lambda request: Answer("yes" if '"Ada" is' in request.prompt else "no"))
    verifier = member(engine)

    verdicts = await verify(verifier, [VARNA, ADA, VARNA], threshold=0.5)

    assert verdicts == {
        ADA: Verdict(verified=True, yes=1.0),
        VARNA: Verdict(verified=False, yes=0.0),
    }
    assert verifier.journal.counts == {("verify", "a"): StageCounts(requests=2)}


async def test_nobody_is_asked_where_there_is_nothing_to_verify():
    engine = Saying("a", "yes")

    assert await verify(member(engine), [], threshold=0.5) == {}
    assert engine.priorities == []


@pytest.mark.parametrize(
    ("probabilities", "verdict"),
    [
        ({" yes": 0.375, " no": 0.125}, Verdict(verified=True, yes=0.75)),
        ({"yes": 0.125, "no": 0.375}, Verdict(verified=False, yes=0.25)),
        ({"yes": 0.2}, Verdict(verified=True, yes=1.0)),
        ({"no": 0.2}, Verdict(verified=False, yes=0.0)),
        ({"yes": 0.25, "no": 0.25, "maybe": 0.5}, Verdict(verified=True, yes=0.5)),
    ],
)
async def test_the_share_of_yes_decides_against_what_the_answer_reads(probabilities, verdict):
    found, journal = await verdict_on_ada(Answer("perhaps", probabilities=probabilities))

    assert found == verdict
    assert journal.notices == []


@pytest.mark.parametrize(("threshold", "verified"), [(0.75, True), (0.76, False)])
async def test_yes_has_to_reach_the_threshold(threshold, verified):
    found, _ = await verdict_on_ada(
        Answer("yes", probabilities={"yes": 0.375, "no": 0.125}), threshold
    )

    assert found == Verdict(verified=verified, yes=0.75)


@pytest.mark.parametrize("probabilities", [None, {}, {"maybe": 1.0}, {"yes": 0.0, "no": 0.0}])
@pytest.mark.parametrize(
    ("text", "verdict"),
    [(" yes", Verdict(verified=True, yes=1.0)), ("no.", Verdict(verified=False, yes=0.0))],
)
async def test_without_the_probability_of_either_the_answer_decides(probabilities, text, verdict):
    found, _ = await verdict_on_ada(Answer(text, probabilities=probabilities))

    assert found == verdict


async def test_an_unusable_answer_leaves_the_candidate_unasked_and_that_is_noted():
    found, journal = await verdict_on_ada("perhaps")

    assert found == UNASKED == Verdict(verified=None, yes=1.0)
    assert journal.notices == [
        Notice("abstained", "a", 5, "verify"),
        Notice("unverified", "a", 5, "Ada"),
    ]
    assert journal.counts["verify", "a"] == StageCounts(requests=1, abstained=1)


async def test_candidates_that_differ_in_the_sentence_alone_are_asked_about_apart():
    engine = Saying("a", "yes")
    candidates = [Candidate(s, "Ada", "PER") for s in sentences("Ada left.", "Ada came.")]

    assert len(await verify(member(engine), candidates, threshold=0.5)) == 2
    assert len({r.prompt for r in engine.asked}) == 2


async def test_fewer_answers_than_candidates_are_an_error_and_no_lost_entity():
    with pytest.raises(ValueError, match="shorter"):
        await verify(member(Short("a", "yes")), [ADA, VARNA], threshold=0.5)


UNANIMOUS, DISPUTED = (SENTENCE, Span(0, 3)), (SENTENCE, Span(9, 14))
ELECTED = {
    UNANIMOUS: Tally("PER", {"PER": 2}, 1.0),
    DISPUTED: Tally("LOC", {"LOC": 1, "PER": 1}, 0.5),
}


@pytest.mark.parametrize(
    ("mode", "asked"),
    [("all", [UNANIMOUS, DISPUTED]), ("disputed", [DISPUTED]), ("off", [])],
)
async def test_the_mode_decides_who_is_asked_about_and_the_others_are_kept(mode, asked):
    engine = Saying("a", "no")
    verifier = member(engine, verify=mode)

    verdicts = await verify_elected(verifier, ELECTED, verifier.modes)

    rejected = Verdict(verified=False, yes=0.0)
    assert verdicts == {m: rejected if m in asked else UNASKED for m in ELECTED}
    assert len(engine.asked) == len(asked)


async def test_an_elected_mention_is_asked_about_by_its_surface_and_the_winner():
    engine = Saying("a", "yes")
    verifier = member(engine, control_tokens=("<x>",))
    sentence = Sentence("text", 0, 0, "Old <x>Varna.")

    await verify_elected(
        verifier, {(sentence, Span(4, 12)): Tally("LOC", {"LOC": 1}, 1.0)}, verifier.modes
    )

    [request] = engine.asked
    assert request.prompt.endswith('\nCheck: "‹x>Varna" is a political place:')


@pytest.mark.parametrize(("threshold", "verified"), [(0.75, True), (0.76, False)])
async def test_the_threshold_is_that_of_the_modes(threshold, verified):
    answer = Answer("yes", probabilities={"yes": 0.375, "no": 0.125})
    verifier = member(Saying("a", answer), verify_threshold=threshold)

    verdicts = await verify_elected(verifier, ELECTED, verifier.modes)

    assert verdicts[UNANIMOUS] == Verdict(verified=verified, yes=0.75)
