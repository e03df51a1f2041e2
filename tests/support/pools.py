"""Parts of a pool made from vectors, for the tests of what searches them."""

import numpy as np

from ner_core.pool.growing import GrowingVectors, Vectors
from ner_core.pool.name_index import NameIndex
from ner_core.pool.span_similarity import GrowingSpans, SpanQuery


def stored(rows):
    growing = GrowingVectors()
    growing.append(np.asarray(rows, np.float32))
    return growing.view()


def span_table(rows, counts):
    """Make candidates that own consecutive rows, so many each."""
    spans, first = GrowingSpans(), 0
    for count in counts:
        spans.add(range(first, first + count))
        first += count
    return spans.view(stored(rows))


def name_index(rows, types, known=(), longest=1):
    """Make an index of names in the order of their rows."""
    return NameIndex(
        spans=stored(rows),
        others=Vectors(),
        places=np.arange(len(types)),
        types=types,
        order=[("", number) for number in range(len(types))],
        live=np.arange(len(types)),
        known=frozenset(known),
        longest=longest,
    )


def similarity_to(table, query, weights):
    """Return the scores of all candidates for one query."""
    (scores,) = table.similarities([SpanQuery(np.array(query, np.float32), weights)])
    return scores


def all_scores(scores):
    """Return the rounded exact scores of all places."""
    return np.round(scores.exact(np.arange(len(scores.rough))), 4)
