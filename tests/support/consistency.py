"""Votes on the mentions of a document, and what consistency makes of them."""

from ner_core.modes import Consistency
from ner_core.stages.consistency import elect_by_name
from ner_core.stages.journal import Journal
from ner_core.stages.voting import majority_of
from ner_core.types import Sentence, Span, Vote
from support.pipelines import ensemble

OPTIONS = ("person", "organization", "location", "none")
ON = Consistency(own_margin_nats=1.0, group_margin_nats=2.0)


def votes(*said):
    """Return the vote of one member on a mention in each of several sentences."""
    cast = {}
    for index, (surface, probabilities) in enumerate(said):
        sentence = Sentence("text", index, 100 * index, f"{surface} is here.")
        winner = max(probabilities, key=probabilities.get)
        cast[sentence, Span(0, len(surface))] = (Vote("a", winner, probabilities),)
    return cast


def with_article(surface, probabilities, index=50, before="Near the "):
    """Return the vote of one member on a mention after an article."""
    sentence = Sentence("text", index, 100 * index, f"{before}{surface} it rained.")
    winner = max(probabilities, key=probabilities.get)
    span = Span(len(before), len(before) + len(surface))
    return {(sentence, span): (Vote("a", winner, probabilities),)}


def elected(cast, settings=ON, **modes):
    journal = Journal()
    count = majority_of(ensemble("a", **modes))
    tallies = elect_by_name(cast, count, OPTIONS, settings, journal)
    types = [tallies[m].winner if m in tallies else None for m in cast]
    return types, journal, [tallies[m].score for m in tallies]
