"""A stage whose prompts are too long goes on with fewer demonstrations, or says that it cannot."""

import pytest
from support.members import Narrow, member, sentences

from ner_core.errors import PromptTooLongError
from ner_core.stages.classification import classify
from ner_core.stages.extraction import extract, rough_spans
from ner_core.stages.verification import Candidate, Verdict, verify
from ner_core.types import Demonstration, Span, TypedSpan, Vote

(SENTENCE,) = sentences("Ada left Varna.")
ADA = Span(0, 3)
SHOWN = tuple(
    Demonstration(f"d{n}", f"Bo came on day {n}.", (TypedSpan(Span(0, 2), "PER"),), "harbor")
    for n in range(4)
)


def narrow(answer):
    return member(Narrow(1, answer), demonstrations={0: SHOWN})


async def test_extraction_goes_on_with_fewer_demonstrations():
    asked = narrow('{"Ada": "person"}')

    assert (await extract([asked], [SENTENCE])).union == {0: (ADA,)}
    assert asked.limit == 1


async def test_classification_goes_on_with_fewer_demonstrations():
    asked = narrow("person")

    assert await classify([asked], [SENTENCE], {0: [ADA]}) == {(SENTENCE, ADA): (Vote("a", "PER"),)}
    assert asked.limit == 1


async def test_verification_goes_on_with_fewer_demonstrations():
    asked, candidate = narrow("yes"), Candidate(SENTENCE, "Ada", "PER")

    assert await verify(asked, [candidate], threshold=0.5) == {
        candidate: Verdict(verified=True, yes=1.0)
    }
    assert asked.limit == 1


async def test_the_first_question_that_shows_no_demonstrations_cannot_be_shortened():
    with pytest.raises(PromptTooLongError):
        await rough_spans([narrow("[]")], [SENTENCE], by_models=True)
