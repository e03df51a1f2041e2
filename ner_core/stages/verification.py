"""Stage 4: the verifier says yes or no to each typed span, without seeing the votes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ner_core.modes import Modes
from ner_core.ports import Answer, Request
from ner_core.prompts.parsing import parse_choice
from ner_core.stages.marks import marks_of
from ner_core.stages.member import Member
from ner_core.stages.voting import Tally
from ner_core.types import Mention, Notice, Sentence, Span

_YES, _NO = "yes", "no"
_CHOICES = {"pattern": (" yes", " no"), "chat": ("yes", "no")}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A typed span to verify: its sentence, its surface as the model sees it, its type id.

    ``marked`` is the span itself if the surface occurs more than once.
    """

    sentence: Sentence
    surface: str
    type: str
    marked: Span | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """``verified`` is ``None`` if there was no usable answer; ``yes`` is P(yes) in [0, 1]."""

    verified: bool | None
    yes: float


UNASKED = Verdict(None, 1.0)
"""The verdict on a candidate without an answer: it is kept."""


async def verify_elected(
    verifier: Member, elected: Mapping[Mention, Tally], modes: Modes
) -> dict[Mention, Verdict]:
    """Return the verdict on every elected mention; ``modes.verify`` selects who is asked about.

    Raises:
        EngineError: the verifier gave no answer.
    """
    marks = marks_of(list(elected))
    candidates = {
        mention: Candidate(mention[0], verifier.surface(mention), tally.winner, marks[mention])
        for mention, tally in elected.items()
        if modes.verify == "all" or (modes.verify == "disputed" and not tally.unanimous)
    }
    verdicts = await verify(verifier, list(candidates.values()), threshold=modes.verify_threshold)
    return {m: verdicts[candidates[m]] if m in candidates else UNASKED for m in elected}


async def verify(
    verifier: Member, candidates: Sequence[Candidate], *, threshold: float
) -> dict[Candidate, Verdict]:
    """Return the verdict on every candidate: verified if P(yes) reaches the threshold.

    Raises:
        EngineError: the verifier gave no answer.
    """
    distinct = list(dict.fromkeys(candidates))
    if not distinct:
        return {}
    answers = await verifier.ask(
        "verify",
        [candidate.sentence for candidate in distinct],
        lambda: [verify_question(verifier, candidate) for candidate in distinct],
    )
    return {
        candidate: _verdict(verifier, candidate, answer, threshold)
        for candidate, answer in zip(distinct, answers, strict=True)
    }


def verify_question(verifier: Member, candidate: Candidate) -> Request:
    """Return the question of stage 4: is the surface of this type, yes or no."""
    style, name = verifier.style, verifier.labels.name_of(candidate.type)
    question = verifier.prompts.question(style, "verify", surface=candidate.surface, name=name)
    prefix = verifier.prefix(candidate.sentence)
    prefix += verifier.marked(candidate.sentence, candidate.marked)
    return verifier.choice_request(prefix + question, _CHOICES[style], "\n")


def _verdict(verifier: Member, candidate: Candidate, answer: Answer, threshold: float) -> Verdict:
    choice = parse_choice(answer.text, (_YES, _NO))
    probabilities = {k.strip(): p for k, p in (answer.probabilities or {}).items()}
    mass = probabilities.get(_YES, 0.0) + probabilities.get(_NO, 0.0)
    if mass > 0:
        yes = probabilities.get(_YES, 0.0) / mass
        return Verdict(yes >= threshold, yes)
    if choice is None:
        index = candidate.sentence.index
        verifier.journal.abstained("verify", verifier.name, index)
        verifier.journal.notice(Notice("unverified", verifier.name, index, candidate.surface))
        return UNASKED
    return Verdict(choice == _YES, float(choice == _YES))
