"""The reference that the cost of our layout is compared with: what it asks, and what it finds."""

from collections import Counter

import pytest
from bench import naive
from support.pipelines import Fixed, pipeline

from ner_core.testing import RuleEngine, Script
from ner_core.types import Document

DOCUMENT = Document("d", "Ada Kern met Bo Falk in Varna.\nThen she left.")
MODES = {"rough_spans": "models", "demonstration_scope": "sentence", "verify": "all"}


def prompts_by_first_line(*engines):
    found = {}
    for engine in engines:
        for request in engine.asked:
            found.setdefault(request.prompt.partition("\n")[0], []).append(request.prompt)
    return found


@pytest.fixture
def engines():
    return RuleEngine("gemma"), RuleEngine("smollm2")


async def test_no_prompt_begins_like_one_of_another_stage(engines):
    await naive.tag(await pipeline(*engines, **MODES), DOCUMENT)
    stages = prompts_by_first_line(*engines)

    assert len(stages) == len({first_line[0] for first_line in stages}) == 4


async def test_every_span_is_a_call_to_every_model_and_one_to_the_verifier(engines):
    tagged = await naive.tag(await pipeline(*engines, **MODES), DOCUMENT)
    asked = Counter()
    for (stage, _), counts in tagged.counts.items():
        asked[stage] += counts.requests

    spans = 4
    assert {DOCUMENT.text[start:end] for start, end, _ in tagged.found} == {
        *("Ada Kern", "Bo Falk", "Varna", "Then")
    }
    assert asked == {"rough": 4, "extract": 4, "classify": 2 * spans, "verify": spans}
    assert sum(asked.values()) == sum(len(engine.asked) for engine in engines)


async def test_after_its_instruction_a_prompt_reads_as_in_the_pipeline(engines):
    made = await pipeline(*engines, **MODES)
    await naive.tag(made, DOCUMENT)
    behind = set()
    for first, prompts in prompts_by_first_line(*engines).items():
        rough = first not in naive.INSTRUCTIONS.values()
        behind |= {prompt if rough else prompt.partition("\n")[2] for prompt in prompts}
    for engine in engines:
        engine.asked.clear()
    await made.tag(DOCUMENT)

    assert behind == {request.prompt for engine in engines for request in engine.asked}


async def test_what_the_verifier_turns_down_is_kept_apart():
    engines = Fixed("gemma", check=" no"), RuleEngine("smollm2")
    tagged = await naive.tag(await pipeline(*engines, **MODES), DOCUMENT)

    assert tagged.found == frozenset()
    assert {DOCUMENT.text[start:end] for start, end, _ in tagged.rejected} >= {"Ada Kern", "Varna"}


async def test_a_span_that_the_vote_gives_no_type_is_not_found():
    engines = Fixed("gemma", kind="none"), Fixed("smollm2", kind="none")
    tagged = await naive.tag(await pipeline(*engines, **MODES), DOCUMENT)

    assert not tagged.found | tagged.rejected
    assert ("verify", "gemma") not in tagged.counts


async def test_one_model_is_enough_to_propose_a_span():
    engines = RuleEngine("gemma", Script(blind=("Bo Falk",))), RuleEngine("smollm2")
    tagged = await naive.tag(await pipeline(*engines, **MODES), DOCUMENT)

    assert "Bo Falk" in {DOCUMENT.text[start:end] for start, end, _ in tagged.found}


async def test_offsets_are_those_of_the_document_as_it_came(engines):
    document = Document("d", "Fish &amp; chips. <b>Ada Kern</b> left.")
    tagged = await naive.tag(await pipeline(*engines, **MODES), document)

    assert "Ada Kern" in {document.text[start:end] for start, end, _ in tagged.found}
