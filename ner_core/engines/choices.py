"""Probabilities of choices, read from the tokens that a server generated."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One generated token, and log probabilities of it and its rivals by their text.

    Servers write -9999 for a token that a constraint forbade.
    """

    token: str
    logprobs: Mapping[str, float]


def choice_probabilities(choices: Sequence[str], steps: Sequence[Step]) -> dict[str, float] | None:
    """Return P of each choice; they sum to 1. ``None`` if no token fits any choice.

    The generated path is walked token by token. A rival's mass goes to the choices it
    can begin, in equal parts where it can begin several, because nobody knows how it
    would have gone on. Leading spaces are ignored: tokenizers differ in where they put
    them. No choice may be the beginning of another.
    """
    left = {choice: choice.lstrip() for choice in choices}
    mass = dict.fromkeys(choices, 0.0)
    path = 1.0
    begun = False
    for step in steps:
        if len(left) < 2:  # noqa: PLR2004 - one is left: the path is decided
            break
        beginnings = {rest[:1] for rest in left.values()}
        for token, logprob in step.logprobs.items():
            if token not in {"", step.token}:
                text = token if begun else token.lstrip()
                part = path * math.exp(logprob)
                if not text or text[0] in beginnings or "" in beginnings:  # else nothing fits
                    _share(mass, _fitting(left, text), part)
        text = step.token if begun else step.token.lstrip()
        path *= math.exp(step.logprobs[step.token])
        left = {choice: left[choice][len(text) :] for choice in _fitting(left, text)}
        begun = begun or bool(text)
    _share(mass, list(left), path)
    total = sum(mass.values())
    return {choice: part / total for choice, part in mass.items()} if total > 0 else None


def _fitting(left: Mapping[str, str], text: str) -> list[str]:
    """Choices whose remaining text and the token agree as far as both go."""
    return [c for c, rest in left.items() if rest.startswith(text) or text.startswith(rest)]


def _share(mass: dict[str, float], among: Sequence[str], part: float) -> None:
    for choice in among:
        mass[choice] += part / len(among)
