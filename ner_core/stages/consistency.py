"""Document consistency: a mention is weighed with the others of its name (not in the paper).

After stage 3, the votes on all mentions of a name are evidence for each of them; see
docs/decisions/0021. A sentence alone often cannot say what a name is; its document can.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ner_core.groups.full_names import FullNames
from ner_core.groups.naming import Bearers, Named, Pair, alike, bracketed
from ner_core.modes import Consistency
from ner_core.stages.classification import classify
from ner_core.stages.extraction import cut_off
from ner_core.stages.journal import Journal
from ner_core.stages.marks import surface_of
from ner_core.stages.member import Member
from ner_core.stages.pool_vote import PoolVoter, add_pool_votes
from ner_core.stages.voting import Count, Tally
from ner_core.text.grounding import ground
from ner_core.types import NONE, Mention, Notice, Sentence, Span, Vote

CONSISTENCY = "consistency-4"
"""Name and version of the rules, part of the fingerprint."""

_LEAST_ACCEPTED = 2
"""Mentions of a surface that won a type, before its other occurrences are proposed."""
_LEAST_PROBABILITY = 0.01
"""What a probability counts at least: no single vote rules a type out."""

_ARTICLE = re.compile(r"(?<![\w-])the\s+$", re.IGNORECASE)

Votes = Mapping[Mention, Sequence[Vote]]
Means = Mapping[str, float]
"""By option: its support among the votes on a mention, in [0, 1]."""


async def vote_on_repeats(
    members: Sequence[Member],
    voter: PoolVoter,
    sentences: Sequence[Sentence],
    votes: Votes,
    count: Count,
) -> dict[Mention, tuple[Vote, ...]]:
    """Return the votes of stage 3 on occurrences that nobody extracted.

    They are those of surfaces that won a type at least twice in the document.

    Raises:
        EngineError: a backbone or the embedder gave no answer.
    """
    spans = _repeats(sentences, votes, count)
    asked = [sentence for sentence in sentences if sentence.index in spans]
    cast = await classify(members, asked, spans)
    return add_pool_votes(cast, await voter.vote(list(cast)))


def elect_by_name(
    votes: Votes, count: Count, options: Sequence[str], settings: Consistency, journal: Journal
) -> dict[Mention, Tally]:
    """Return the tallies of the mentions for which a type won, in the light of their document.

    The log-probabilities of each option, ``none`` among them, are added over the mentions of
    a name, and if that decides nothing, of the persons whose last name it is, or of the one name
    that it is short for with an article. A mention takes the option with the largest sum if its own
    margin is under ``own_margin_nats`` and that of the sum over ``group_margin_nats``; it is
    noted. Its score is then the mean of that option's probability over all of these. A type
    whose mean is below the least score of ``count`` is not taken.
    """
    tallies = {m: t for m, cast in votes.items() if (t := count.tally(m, cast)) is not None}
    mentions = list(tallies)
    named = [Named(surface_of(mention), tallies[mention].winner) for mention in mentions]
    names = alike(named, _pairs(mentions))
    namesakes = _Namesakes(mentions, named, names)
    for places in (part for name in names for part in namesakes.parts(name)):
        means = {m: count.probabilities(m, votes[m], options) for m in _at(places, mentions)}
        if not (unsure := _unsure(means, tallies, settings)):
            continue
        best = _agreed(means, settings)
        if best is None and (others := namesakes.of(places)):
            means |= {m: count.probabilities(m, votes[m], options) for m in _at(others, mentions)}
            best = _agreed(means, settings)
        for mention, tally in _relabeled(unsure, tallies, means, best, count.least):
            journal.notice(_notice(mention, tallies[mention], tally))
            tallies[mention] = tally
    return {m: tally for m, tally in tallies.items() if tally.winner != NONE}


def _at(places: Iterable[int], mentions: Sequence[Mention]) -> list[Mention]:
    return [mentions[place] for place in places]


class _Namesakes:
    """The names of a document that another one may be short for."""

    def __init__(
        self, mentions: Sequence[Mention], named: Sequence[Named], names: Sequence[Sequence[int]]
    ) -> None:
        self._mentions = mentions
        self._bearers, self._full_names = Bearers(named), FullNames(named, names)

    def of(self, places: Sequence[int]) -> Sequence[int]:
        """Return the places of the persons whose last name this is, or of its full name.

        What may be short for two names is short for none, also if one is a person's.
        """
        persons = self._bearers.of(places)
        found = [*([persons] if persons else []), *self._in_full(places)]
        return found[0] if len(found) == 1 else []

    def parts(self, places: Sequence[int]) -> list[Sequence[int]]:
        """Return a name, in two if its last names may be short for a thing as for a person."""
        short = [place for place in places if self._bearers.has(place)]
        if not self._in_full(short):
            return [places]
        return [[place for place in places if not self._bearers.has(place)], short]

    def _in_full(self, places: Sequence[int]) -> list[Sequence[int]]:
        """Return the names that these mentions, each with an article, may be short for."""
        each = all(map(_has_article, _at(places, self._mentions)))
        return self._full_names.of(places) if each else []


def _has_article(mention: Mention) -> bool:
    """Whether there is a *the* before a mention, or at its beginning."""
    sentence, span = mention
    inside = surface_of(mention).lower().split()[:1] == ["the"]
    return inside or bool(_ARTICLE.search(sentence.text[: span.start]))


def _notice(mention: Mention, was: Tally, tally: Tally) -> Notice:
    detail = f"{surface_of(mention)!r}: {was.winner}, in this document {tally.winner}"
    return Notice("relabeled", sentence=mention[0].index, detail=detail)


def _unsure(
    means: Mapping[Mention, Means], tallies: Mapping[Mention, Tally], settings: Consistency
) -> list[Mention]:
    """Return the mentions whose own margin is small enough for another option."""
    margins = {m: _margin(_nats(own), tallies[m].winner) for m, own in means.items()}
    return [m for m, margin in margins.items() if margin < settings.own_margin_nats]


def _agreed(means: Mapping[Mention, Means], settings: Consistency) -> str | None:
    """Return the option that several mentions together surely have; ``None`` if they have none."""
    nats = [_nats(means[mention]) for mention in _asked([*means], means)]
    total = {option: sum(own[option] for own in nats) for option in nats[0]}
    best = max(total, key=lambda option: total[option])
    sure = len(nats) > 1 and _margin(total, best) > settings.group_margin_nats
    return best if sure else None


def _relabeled(
    unsure: Sequence[Mention],
    tallies: Mapping[Mention, Tally],
    means: Mapping[Mention, Means],
    best: str | None,
    least: float,
) -> list[tuple[Mention, Tally]]:
    """Return the unsure mentions of one name that take the best option, with their new tallies.

    ``means`` has those of all its mentions, and of others that are evidence for them. No type
    is taken whose score would be below ``least``.
    """
    if best is None:
        return []
    asked = _asked([*means], means)
    score = sum(means[mention][best] for mention in asked) / len(asked)
    if best != NONE and score < least:
        return []
    return [
        (mention, replace(tallies[mention], winner=best, score=min(1.0, score)))
        for mention in unsure
        if tallies[mention].winner != best
    ]


def _asked(mentions: Sequence[Mention], means: Mapping[Mention, Means]) -> list[Mention]:
    """Return the mentions that are evidence of their own.

    Those of two windows in one place, or with one answer for all of a sentence, count once.
    """
    places = {(m[0].field, m[0].start + m[1].start): m for m in mentions}
    answers = {(m[0], surface_of(m), *means[m].values()): m for m in places.values()}
    return list(answers.values())


def _nats(means: Means) -> dict[str, float]:
    return {option: math.log(max(p, _LEAST_PROBABILITY)) for option, p in means.items()}


def _margin(nats: Mapping[str, float], option: str) -> float:
    """Return by how much an option leads the best other one, in nats; negative if it does not."""
    return nats[option] - max(value for other, value in nats.items() if other != option)


def _pairs(mentions: Sequence[Mention]) -> list[Pair]:
    spans: dict[Sentence, dict[int, Span]] = defaultdict(dict)
    for place, (sentence, span) in enumerate(mentions):
        spans[sentence][place] = span
    return [pair for sentence, inside in spans.items() for pair in bracketed(sentence.text, inside)]


def _repeats(
    sentences: Sequence[Sentence], votes: Votes, count: Count
) -> dict[int, tuple[Span, ...]]:
    """Return the spans to vote on by sentence, none of which overlaps one that was voted on."""
    taken: dict[int, list[Span]] = defaultdict(list)
    for sentence, span in votes:
        taken[sentence.index].append(span)
    surfaces = sorted(_accepted(votes, count), key=lambda surface: (-len(surface), surface))
    found = {s.index: _unseen(s, surfaces, taken[s.index]) for s in sentences}
    return {index: spans for index, spans in found.items() if spans}


def _accepted(votes: Votes, count: Count) -> list[str]:
    """Return the surfaces that won a type in at least two places."""
    places: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for mention, cast in votes.items():
        tally = count.tally(mention, cast)
        if tally is not None and tally.winner != NONE:
            sentence, span = mention
            places[surface_of(mention)].add((sentence.field, sentence.start + span.start))
    return [surface for surface, where in places.items() if len(where) >= _LEAST_ACCEPTED]


def _unseen(sentence: Sentence, surfaces: Sequence[str], taken: Sequence[Span]) -> tuple[Span, ...]:
    """Return occurrences of surfaces, the longest first, that overlap nothing taken."""
    new: list[Span] = []
    for surface in surfaces:
        if surface in sentence.text:
            new += [
                span
                for span in ground(surface, sentence.text)
                if not any(map(span.touches, (*taken, *new))) and not cut_off(span, sentence)
            ]
    return tuple(sorted(new))
