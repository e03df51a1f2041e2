"""The pipeline whole, on engines that answer by rules."""

from collections.abc import Sequence

import pytest
from support.members import Saying
from support.pipelines import DOCUMENT, POOL, Fixed, ensemble, found, pipeline

from ner_core.calibration import Calibration
from ner_core.engines.cached import CachedEngine
from ner_core.errors import PromptTooLongError, UnknownLabelSetError
from ner_core.pool.pool import build_pool
from ner_core.ports import Answer, Request
from ner_core.testing import HashEmbedder, InMemoryStore, RuleEngine, Script
from ner_core.types import Document


class Narrow(RuleEngine):
    """Refuses prompts over a number of characters."""

    limit_chars = 700

    async def answer(self, requests: Sequence[Request], *, priority: int = 0) -> list[Answer]:
        if max(len(str(r.prompt)) for r in requests) > self.limit_chars:
            raise PromptTooLongError(self.model, "maximum context length")
        return await super().answer(requests, priority=priority)


@pytest.mark.parametrize("style", ["pattern", "chat"])
async def test_every_entity_stands_at_its_offsets_in_its_field(style):
    tagged = await (await pipeline(RuleEngine("a"), RuleEngine("b"), style=style)).tag(DOCUMENT)

    assert found(tagged) >= {("title", "Ada Kern"), ("text", "Bo Falk"), ("text", "Varna")}
    for e in tagged.entities:
        field = DOCUMENT.title if e.field == "title" else DOCUMENT.text
        assert field[e.span.start : e.span.end] == e.text


@pytest.mark.parametrize("blind", ["a", "b"])
async def test_a_span_that_one_backbone_found_is_judged_by_all(blind):
    engines = [RuleEngine(m, Script(blind=("Varna",) if m == blind else ())) for m in "ab"]
    tagged = await (await pipeline(*engines, verify="off")).tag(DOCUMENT)

    varna = [e for e in tagged.entities if e.text == "Varna"]
    assert varna
    assert all(sum(e.votes.values()) == 2 for e in varna)


async def test_none_can_win_the_vote():
    engines = [Fixed(name, kind="none") for name in "ab"]

    assert (await (await pipeline(*engines, verify="off")).tag(DOCUMENT)).entities == ()


async def test_a_type_that_wins_with_less_than_the_ensemble_file_asks_for_is_none():
    engines = [Fixed("a", kind="event"), Fixed("b", kind="group")]  # each has half of the votes

    enough = await (await pipeline(*engines, verify="off", least_score=0.5)).tag(DOCUMENT)
    too_little = await (await pipeline(*engines, verify="off", least_score=0.6)).tag(DOCUMENT)

    assert found(enough)
    assert too_little.entities == ()


async def test_a_majority_decides_the_type():
    engines = [Fixed("a", kind="event"), Fixed("b", kind="group"), Fixed("c", kind="group")]
    tagged = await (await pipeline(*engines, verify="off")).tag(DOCUMENT)

    assert {e.type for e in tagged.entities} == {"group"}
    assert {e.score for e in tagged.entities} == {round(2 / 3, 4)}
    assert {e.verified for e in tagged.entities} == {None}


async def test_a_no_of_the_verifier_drops_an_entity():
    yes, no = (Fixed("a", check=answer) for answer in (" yes", " no"))

    assert all(e.verified for e in (await (await pipeline(yes)).tag(DOCUMENT)).entities)
    assert (await (await pipeline(no)).tag(DOCUMENT)).entities == ()


async def test_only_disputed_entities_are_verified_where_it_is_so_set():
    agreed = [Fixed("a", kind="event", check=" no"), Fixed("b", kind="event")]
    disputed = [Fixed("a", kind="event", check=" no"), Fixed("b", kind="group")]

    assert (await (await pipeline(*agreed, verify="disputed")).tag(DOCUMENT)).entities
    assert not (await (await pipeline(*disputed, verify="disputed")).tag(DOCUMENT)).entities


async def test_an_unusable_verdict_keeps_the_entity_and_says_so():
    mumbling = Fixed("a", check="perhaps")
    tagged = await (await pipeline(mumbling)).tag(DOCUMENT)

    assert {e.verified for e in tagged.entities} == {None}
    assert "unverified" in {w.code for w in tagged.warnings}


async def test_a_backbone_without_a_usable_answer_abstains_and_the_others_decide():
    mute = Fixed("b", kind="nonsense")
    tagged = await (await pipeline(RuleEngine("a"), mute, verify="off")).tag(DOCUMENT)

    assert tagged.entities
    assert all(sum(e.votes.values()) == 1 for e in tagged.entities)
    assert ("abstained", "b") in {(w.code, w.model) for w in tagged.warnings}
    assert tagged.counts["classify", "b"].abstained > 0


async def test_all_questions_about_a_sentence_begin_with_the_same_bytes():
    engine = RuleEngine("a")
    await (await pipeline(engine, verify="off")).tag(Document("x", "Ada Kern met Bo Falk."))

    extract, *classify = [r.prompt for r in engine.asked]
    beginning = extract.removesuffix("Entities:")
    assert classify
    assert all(prompt.startswith(beginning + 'Entities: {"') for prompt in classify)


async def test_a_document_shares_its_demonstrations_where_the_scope_is_the_document():
    engine = RuleEngine("a")
    await (await pipeline(engine, demonstration_scope="document")).tag(DOCUMENT)

    assert len({r.prompt.rsplit("\n\nText: ", 1)[0] for r in engine.asked if not r.choices}) == 1


def shown_to(request):
    """Give the texts of the demonstrations in a prompt, and the text that it asks about."""
    return [line for line in request.prompt.split("\n") if line.startswith("Text: ")]


async def test_sentences_share_some_demonstrations_and_have_others_of_their_own_after_them():
    engine = RuleEngine("a")
    text = "Nora1 met Nora2 in Lindholm3.\nThen Nora7 left Lindholm6 for good."
    asking = await pipeline(engine, demonstrations=4, shared_demonstrations=2)
    await asking.tag(Document("x", text))

    first, second = (shown_to(r)[:-1] for r in engine.asked if not r.choices)
    assert first[:2] == second[:2]
    assert first[2:] != second[2:]
    assert len(set(first)) == len(set(second)) == 4


def test_more_shared_demonstrations_than_there_are_is_refused():
    with pytest.raises(ValueError, match="shared_demonstrations"):
        ensemble("a", demonstrations=2, shared_demonstrations=3)


async def test_demonstrations_are_dropped_before_a_prompt_is_too_long():
    narrow = Narrow("a")
    tagged = await (await pipeline(narrow, demonstrations=7)).tag(DOCUMENT)

    assert found(tagged) >= {("text", "Bo Falk")}
    assert "demonstrations_dropped" in {w.code for w in tagged.warnings}
    assert all(len(r.prompt) <= Narrow.limit_chars for r in narrow.asked)


@pytest.mark.parametrize("style", ["pattern", "chat"])
async def test_a_sentence_that_is_too_long_without_demonstrations_is_an_error(style):
    narrow = Narrow("a")
    narrow.limit_chars = 10
    tagging = await pipeline(narrow, rough_spans="models", style=style)

    with pytest.raises(PromptTooLongError):
        await tagging.tag(DOCUMENT)


async def test_control_tokens_never_reach_their_model():
    tokens = ["<bos>", "<eos>", "<pad>", "<unk>", "<mask>", "<start_of_turn>", "<end_of_turn>",
              "<|im_start|>", "<|im_end|>", "<|endoftext|>"]  # fmt: skip
    engine = RuleEngine("a")
    text = "Ada Kern " + " ".join(tokens) + " met Bo Falk."
    tagged = await (await pipeline(engine, control_tokens=tokens)).tag(Document("x", text))

    assert not [t for t in tokens for r in engine.asked if t in r.prompt]
    assert all(text[e.span.start : e.span.end] == e.text for e in tagged.entities)


async def test_a_word_longer_than_a_window_is_read_in_overlapping_windows():
    text = "A" + "b" * 2_000 + " met Bo Falk."
    tagged = await (await pipeline(RuleEngine("a"))).tag(Document("x", text))

    assert ("text", "Bo Falk") in found(tagged)
    assert tagged.sentences > 1


async def test_an_empty_document_has_no_entities():
    assert (await (await pipeline(RuleEngine("a"))).tag(Document("x", ""))).entities == ()


async def test_an_unknown_label_set_is_told_with_the_known_ones():
    tagging = (await pipeline(RuleEngine("a"))).tag(Document("x", "Ada.", label_set="martian"))

    with pytest.raises(UnknownLabelSetError, match=r"martian.*news"):
        await tagging


async def test_what_happened_is_explained_on_request():
    tagged = await (await pipeline(RuleEngine("a"))).tag(DOCUMENT, explain=True)

    first = tagged.explanation[0]
    assert first["demonstrations"]
    assert first["extracted"]["a"][0][2]
    assert first["votes"][0][2]["a"]["type"]
    assert [DOCUMENT.title[start:end] for start, end in first["rough"]] == ["Ada Kern", "Varna"]


async def test_a_rejected_mention_is_explained_though_it_is_no_entity():
    engine = Fixed("a", check=" no")
    tagged = await (await pipeline(engine, verify="all")).tag(DOCUMENT, explain=True)

    elected = [mention for sentence in tagged.explanation for mention in sentence["elected"]]
    assert tagged.entities == ()
    assert elected
    assert {verified for *_, verified in elected} == {False}


async def test_the_fingerprint_changes_with_what_can_change_an_answer():
    one = await pipeline(RuleEngine("a"))
    other_mode = await pipeline(RuleEngine("a"), verify="off")
    same = await pipeline(RuleEngine("a"))
    same_before = same.fingerprint("news")
    same.pool = await build_pool(POOL[:3], embedder=HashEmbedder())

    assert one.fingerprint("news") == same_before
    assert (
        len({one.fingerprint("news"), other_mode.fingerprint("news"), same.fingerprint("news")})
        == 3
    )


async def test_what_was_asked_before_is_not_asked_again():
    engine, store = RuleEngine("a"), InMemoryStore()
    cached = CachedEngine(engine, store)
    first = await (await pipeline(cached)).tag(DOCUMENT)
    asked = len(engine.asked)
    second = await (await pipeline(cached)).tag(DOCUMENT)

    assert first.entities == second.entities
    assert asked == len(engine.asked)
    assert second.counts["extract", "a"].cache_hits == second.counts["extract", "a"].requests


async def test_a_calibration_changes_scores_and_the_fingerprint_but_no_entity():
    raw = await pipeline(RuleEngine("gemma"))
    half = Calibration(intercept=0.0, slope=0.5)
    calibrated = raw.with_ensemble(raw.ensemble.model_copy(update={"calibration": {"news": half}}))

    before, after = await raw.tag(DOCUMENT), await calibrated.tag(DOCUMENT)

    assert [e.score for e in after.entities] == [
        round(half.of(e.score), 4) for e in before.entities
    ]
    assert found(after) == found(before)
    assert after.fingerprint != before.fingerprint


async def test_the_ensemble_of_a_pipeline_cannot_be_swapped_under_its_documents():
    tagging = await pipeline(RuleEngine("a"))

    with pytest.raises(AttributeError):
        tagging.ensemble = ensemble("a", verify="off")


async def test_a_pipeline_of_another_ensemble_has_the_same_engines_and_pool():
    tagging = await pipeline(RuleEngine("a"))
    before = tagging.fingerprint("news")

    other = tagging.with_ensemble(ensemble("a", verify="off"))

    assert other.ensemble.modes.verify == "off"
    assert (other.engines, other.pool) == (tagging.engines, tagging.pool)
    assert tagging.fingerprint("news") == before != other.fingerprint("news")


async def test_every_stage_asks_with_the_priority_of_the_document():
    def answer(request):
        if " yes" in request.choices:
            return Answer(" yes")
        return Answer("location" if request.choices else '{"Varna": "location"}')

    engine = Saying("a", answer)

    await (await pipeline(engine, verify="all")).tag(DOCUMENT, priority=5)

    assert engine.priorities == [5, 5, 5]
