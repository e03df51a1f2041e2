"""Probabilities of choices, read from the tokens that a server generated."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

_KEY = re.compile(r'.*"label"\s*:\s*"', re.DOTALL)
"""Everything before the label in an answer such as ``{"label": "person"}``."""


@dataclass(frozen=True, slots=True, eq=False)
class _Left:
    """Choices that may still be meant, each with the text of it that is still to come.

    Each is equal to itself alone: a hash of all its choices would take longer than to follow them.
    """

    choices: tuple[tuple[str, str], ...]


class Step(NamedTuple):
    """One generated token, and log probabilities of it and its rivals by their text.

    Servers write -9999 for a token that a constraint forbade.
    """

    token: str
    logprobs: Mapping[str, float]


def choice_probabilities(
    choices: Sequence[str], steps: Sequence[Step], chosen: str | None
) -> dict[str, float] | None:
    """Return P of each choice; they sum to 1. ``None`` unless the tokens lead to the chosen one.

    ``chosen`` is the choice that the answer is read as. The generated path is walked token by
    token, in JSON from the label on. A rival's mass goes to the choices it can begin, in equal
    parts where it can begin several, because nobody knows how it would have gone on. Leading
    spaces are ignored: tokenizers differ in where they put them. No choice may be the beginning
    of another.
    """
    left = _all(tuple(choices))
    mass = dict.fromkeys(choices, 0.0)
    path = 1.0
    begun = False
    for step in _from_the_label(steps):
        if len(left.choices) < 2:  # noqa: PLR2004 - one is left: the path is decided
            break
        for token, logprob in step.logprobs.items():
            if token and token != step.token:
                fitting = _fitting(left, token if begun else token.lstrip()).choices
                for choice, _ in fitting:  # most rivals begin none
                    mass[choice] += path * math.exp(logprob) / len(fitting)
        text = step.token if begun else step.token.lstrip()
        path *= math.exp(step.logprobs[step.token])
        left = _fitting(left, text)
        begun = begun or bool(text)
    if not begun or chosen not in dict(left.choices):
        return None
    for choice, _ in left.choices:
        mass[choice] += path / len(left.choices)
    total = sum(mass.values())
    return {choice: part / total for choice, part in mass.items()} if total > 0 else None


def _from_the_label(steps: Sequence[Step]) -> Sequence[Step]:
    """Return the steps from the label on if they write it in JSON, else all of them."""
    written = _KEY.match("".join(step.token for step in steps))
    if written is None:
        return steps
    before = written.end()
    for number, step in enumerate(steps):
        if len(step.token) > before:
            return [_without(step, step.token[:before]), *steps[number + 1 :]]
        before -= len(step.token)
    return ()


def _without(step: Step, head: str) -> Step:
    """Return a step without its beginning; rivals that begin otherwise are left out."""
    kept = {t[len(head) :]: p for t, p in step.logprobs.items() if t.startswith(head)}
    return Step(step.token[len(head) :], kept)


@lru_cache(maxsize=256)
def _all(choices: tuple[str, ...]) -> _Left:
    return _Left(tuple((choice, choice.lstrip()) for choice in choices))


@lru_cache(maxsize=4096)
def _fitting(left: _Left, text: str) -> _Left:
    """Choices whose remaining text and the token agree as far as both go, with what remains."""
    return _Left(
        tuple(
            (choice, rest[len(text) :])
            for choice, rest in left.choices
            if rest.startswith(text) or text.startswith(rest)
        )
    )
