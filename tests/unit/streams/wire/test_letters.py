"""Dead letters as they are read, and the document that is sent again."""

import pytest

from streams.wire.dead_letters import dead_letter
from streams.wire.letters import Letter
from streams.wire.messages import Message
from streams.wire.sources import Source


def letter(*headers):
    """The letter of a document that came with these headers."""
    document = Message("documents", 3, 118, 1_000, b"a", b"{", headers)
    out = dead_letter("dead", document, ValueError("why"), stage="tag", attempts=1, now_ms=5_000)
    return Letter(Message(out.topic, 0, 7, out.timestamp_ms, out.key, out.value, out.headers))


def test_it_names_its_document_the_reason_and_the_source():
    read = letter()

    assert (read.id, read.reason, read.why, read.position) == ("a", "unexpected", "why", "0:7")
    assert read.source == Source("documents", 3, 118, 1_000)
    assert read.is_whole


def test_without_our_headers_it_states_no_source_and_no_reason():
    read = Letter(Message("dead", 0, 7, 5_000, b"a", b"{", (("tagwire-source-offset", b"x"),)))

    assert (read.source, read.reason, read.redrives) == (None, "not_stated", 0)


def test_the_document_is_sent_again_as_it_came_with_a_count():
    again = letter(("trace", b"7")).redriven("documents", 9_000)

    assert (again.topic, again.key, again.value, again.timestamp_ms) == (
        *("documents", b"a", b"{"),
        9_000,
    )
    assert again.headers == (("trace", b"7"), ("tagwire-redrives", b"1"))


@pytest.mark.parametrize(
    ("count", "stays", "said"),
    [
        (b"1", False, "a  unexpected (redriven 1 times)  why"),
        (b"2", False, "a  unexpected (redriven 2 times)  why"),
        (b"3", True, "a  unexpected (redriven 3 times, stays)  why"),
        (b"many", False, "a  unexpected  why"),
    ],
)
def test_one_that_came_back_three_times_stays_and_is_marked(count, stays, said):
    read = letter(("tagwire-redrives", count))

    assert read.stays == stays
    assert read.summary == said
