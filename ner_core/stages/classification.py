"""Stage 3: every backbone gives each span of the union a type or none; they vote."""

import asyncio
from collections.abc import Mapping, Sequence

from ner_core.ports import Answer
from ner_core.prompts.parsing import parse_choice
from ner_core.stages.member import Member
from ner_core.types import NONE, Sentence, Span, Vote

Asked = tuple[Sentence, Span]


async def classify(
    members: Sequence[Member], sentences: Sequence[Sentence], union: Mapping[int, Sequence[Span]]
) -> dict[Asked, tuple[Vote, ...]]:
    """Give the votes on every span, in the order of the members.

    A surface that stands in a sentence twice is asked about once.

    Raises:
        EngineError: a backbone gave no answer.
    """
    asked = [(sentence, span) for sentence in sentences for span in union[sentence.index]]
    if not asked:
        return {}
    ballots = await asyncio.gather(*(_ballot(member, asked) for member in members))
    return {one: tuple(ballot[one] for ballot in ballots) for one in asked}


async def _ballot(member: Member, asked: Sequence[Asked]) -> dict[Asked, Vote]:
    distinct = list(
        dict.fromkeys((sentence, _surface(member, (sentence, span))) for sentence, span in asked)
    )
    answers = await member.ask(
        "classify",
        [sentence for sentence, _ in distinct],
        lambda: [member.classify(sentence, surface) for sentence, surface in distinct],
    )
    votes = {
        key: _vote(member, key[0], answer) for key, answer in zip(distinct, answers, strict=True)
    }
    return {one: votes[one[0], _surface(member, one)] for one in asked}


def _surface(member: Member, one: Asked) -> str:
    sentence, span = one
    return member.shown(sentence.text)[span.start : span.end]


def _vote(member: Member, sentence: Sentence, answer: Answer) -> Vote:
    labels = member.labels
    name = parse_choice(answer.text, (*labels.names, NONE))
    if name is None:
        member.journal.abstained("classify", member.name, sentence.index)
        return Vote(member.name, None)
    return Vote(member.name, labels.id_of(name), _by_id(member, answer))


def _by_id(member: Member, answer: Answer) -> dict[str, float] | None:
    if answer.probabilities is None:
        return None
    ids = {name: member.labels.id_of(name) for name in answer.probabilities}
    return {i: answer.probabilities[name] for name, i in ids.items() if i is not None}
