"""Stage 3: every backbone gives each span of the union a type, or none."""

from collections.abc import Mapping, Sequence

from ner_core.concurrency import all_of
from ner_core.ports import Answer, Request
from ner_core.prompts.parsing import parse_choice
from ner_core.stages.bias import unbiased
from ner_core.stages.marks import marks_of
from ner_core.stages.member import Member
from ner_core.types import Mention, Sentence, Span, Vote


async def classify(
    members: Sequence[Member], sentences: Sequence[Sentence], union: Mapping[int, Sequence[Span]]
) -> dict[Mention, tuple[Vote, ...]]:
    """Return the votes on every span, in the order of the members, without their bias.

    Up to eight mentions of one surface in a sentence are asked about apart, each in brackets;
    more are asked about together.

    Raises:
        EngineError: a backbone gave no answer.
    """
    mentions = [(sentence, span) for sentence in sentences for span in union[sentence.index]]
    if not mentions:
        return {}
    marks = marks_of(mentions)
    ballots = await all_of(_ballot(member, marks) for member in members)
    return dict(zip(mentions, zip(*ballots, strict=True), strict=True))


def classify_question(
    member: Member, sentence: Sentence, surface: str, marked: Span | None = None
) -> Request:
    """Return the question of stage 3: one of the types, or none.

    ``marked`` is the span that is meant if the surface occurs more than once.
    """
    question = member.prompts.question(member.style, "classify", surface=surface)
    prefix = member.prefix(sentence) + member.marked(sentence, marked)
    return member.choice_request(prefix + question, member.labels.options, '"')


async def _ballot(member: Member, marks: Mapping[Mention, Span | None]) -> list[Vote]:
    """Return the votes of a member, in the order of the mentions; ``marks`` has what to mark."""
    questions = [(m[0], member.surface(m), marked) for m, marked in marks.items()]
    distinct = list(dict.fromkeys(questions))
    answers = await member.ask(
        "classify",
        [sentence for sentence, _, _ in distinct],
        lambda: [classify_question(member, *question) for question in distinct],
    )
    votes = {
        question: _vote(member, question[0], answer)
        for question, answer in zip(distinct, answers, strict=True)
    }
    return [votes[question] for question in questions]


def _vote(member: Member, sentence: Sentence, answer: Answer) -> Vote:
    labels = member.labels
    name = parse_choice(answer.text, labels.options)
    if name is None:
        member.journal.abstained("classify", member.name, sentence.index)
        return Vote(member.name, None)
    probabilities = _by_id(member, answer, name)
    if probabilities is None or not member.bias:
        return Vote(member.name, labels.id_of(name), probabilities)
    probabilities = unbiased(probabilities, member.bias)
    return Vote(member.name, max(probabilities, key=probabilities.__getitem__), probabilities)


def _by_id(member: Member, answer: Answer, name: str) -> dict[str, float] | None:
    """Return the probabilities, unless they are of other tokens than those of the answer."""
    if answer.probabilities is None or not answer.probabilities.get(name):
        return None
    ids = member.labels.ids_by_name
    return {ids[name]: p for name, p in answer.probabilities.items() if name in ids}
