"""Stage 3: every backbone gives each span of the union a type or none; they vote."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ner_core.member import Member
from ner_core.parsing import parse_choice
from ner_core.ports import Answer
from ner_core.types import NONE, Demonstration, Sentence, Span, Vote

Asked = tuple[Sentence, Span]

NO_CONTENT = "N/A"
"""Sentence and surface of the question that shows a model's bias."""

_LEAST_PRIOR = 1e-3


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
    blanks = _blanks(member, [sentence for sentence, _ in distinct])
    answers = await member.ask(
        "classify",
        [sentence for sentence, _ in distinct],
        lambda: [member.classify(*question) for question in [*blanks.values(), *distinct]],
    )
    priors = dict(zip(blanks, answers[: len(blanks)], strict=True))
    votes = {
        key: _vote(member, key[0], answer, priors.get(member.demonstrations[key[0].index]))
        for key, answer in zip(distinct, answers[len(blanks) :], strict=True)
    }
    return {one: votes[one[0], _surface(member, one)] for one in asked}


def _blanks(
    member: Member, sentences: Sequence[Sentence]
) -> dict[tuple[Demonstration, ...], tuple[Sentence, str]]:
    """Give a question without content for each set of demonstrations, where it is wanted.

    What a model answers to it is its bias (contextual calibration, Zhao et al. 2021).
    """
    if not member.modes.calibrate_votes:
        return {}
    return {
        member.demonstrations[s.index]: (replace(s, text=NO_CONTENT), NO_CONTENT) for s in sentences
    }


def _surface(member: Member, one: Asked) -> str:
    sentence, span = one
    return member.shown(sentence.text)[span.start : span.end]


def _vote(member: Member, sentence: Sentence, answer: Answer, prior: Answer | None) -> Vote:
    labels = member.labels
    name = parse_choice(answer.text, (*labels.names, NONE))
    if name is None:
        member.journal.abstained("classify", member.name, sentence.index)
        return Vote(member.name, None)
    probabilities = answer.probabilities
    if probabilities and prior is not None and prior.probabilities:
        probabilities = without_bias(probabilities, prior.probabilities)
        name = max(probabilities, key=lambda n: probabilities[n])
    return Vote(member.name, labels.id_of(name), _by_id(member, probabilities))


def without_bias(said: Mapping[str, float], prior: Mapping[str, float]) -> dict[str, float]:
    """Divide P of each choice by what is said of no content, and let them sum to 1."""
    weights = {name: p / max(prior.get(name, 0.0), _LEAST_PRIOR) for name, p in said.items()}
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def _by_id(member: Member, probabilities: Mapping[str, float] | None) -> dict[str, float] | None:
    if probabilities is None:
        return None
    ids = {name: member.labels.id_of(name) for name in probabilities}
    return {i: probabilities[name] for name, i in ids.items() if i is not None}
