"""Stage 4: the verifier says yes or no to each typed span, without seeing the votes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ner_core.ports import Answer
from ner_core.prompts.parsing import parse_choice
from ner_core.stages.member import Member
from ner_core.types import Notice, Sentence

_YES, _NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A typed span before verification: sentence, surface as shown, type id."""

    sentence: Sentence
    surface: str
    type: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """``verified`` is ``None`` where no usable answer came; ``yes`` is P(yes) in [0, 1]."""

    verified: bool | None
    yes: float


UNASKED = Verdict(None, 1.0)
"""The verdict on a candidate that nobody was asked about: it is kept."""


async def verify(
    verifier: Member, candidates: Sequence[Candidate], *, threshold: float
) -> Mapping[Candidate, Verdict]:
    """Give the verdict on every candidate.

    Raises:
        EngineError: the verifier gave no answer.
    """
    distinct = list(dict.fromkeys(candidates))
    if not distinct:
        return {}
    answers = await verifier.ask(
        "verify",
        [c.sentence for c in distinct],
        lambda: [
            verifier.verify(c.sentence, c.surface, verifier.labels.name_of(c.type))
            for c in distinct
        ],
    )
    return {
        c: _verdict(verifier, c, answer, threshold)
        for c, answer in zip(distinct, answers, strict=True)
    }


def _verdict(verifier: Member, candidate: Candidate, answer: Answer, threshold: float) -> Verdict:
    said = parse_choice(answer.text, (_YES, _NO))
    probabilities = {k.strip(): p for k, p in (answer.probabilities or {}).items()}
    mass = probabilities.get(_YES, 0.0) + probabilities.get(_NO, 0.0)
    if mass > 0:
        yes = probabilities.get(_YES, 0.0) / mass
        return Verdict(yes >= threshold, yes)
    if said is None:
        index = candidate.sentence.index
        verifier.journal.abstained("verify", verifier.name, index)
        verifier.journal.notice(Notice("unverified", verifier.name, index, candidate.surface))
        return UNASKED
    return Verdict(said == _YES, float(said == _YES))
