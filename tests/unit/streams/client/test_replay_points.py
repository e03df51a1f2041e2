"""Where a range begins and ends, and which documents of it are meant."""

import json

import pytest

from streams.client.replay.conditions import Conditions
from streams.client.replay.points import END, Moment, Offset, ends_before, parse_point
from streams.wire.messages import Message

NOW_MS = 1_790_000_000_000


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("0", Offset(0)),
        ("20261122", Offset(20261122)),
        ("-90s", Moment(NOW_MS - 90_000)),
        ("-1.5h", Moment(NOW_MS - 5_400_000)),
        ("-2w", Moment(NOW_MS - 14 * 86_400_000)),
        ("2026-09-21T14:13:20Z", Moment(NOW_MS)),
        ("2026-09-21T14:13:20", Moment(NOW_MS)),
        ("2026-09-21T16:13:20.250+02:00", Moment(NOW_MS + 250)),
        ("2026-09-21", Moment(NOW_MS - 51_200_000)),
        ("1900-01-01", Moment(0)),
        ("-3000w", Moment(0)),
    ],
)
def test_a_point_is_an_offset_a_duration_before_now_or_a_time(text, point):
    assert parse_point(text, NOW_MS) == point


@pytest.mark.parametrize(
    ("begin", "end", "is_reversed"),
    [
        (Offset(5), Offset(5), False),
        (Offset(6), Offset(5), True),
        (Moment(NOW_MS), Moment(NOW_MS - 1), True),
        (Moment(NOW_MS), Moment(NOW_MS), False),
        (Offset(7), Moment(0), False),
        (Moment(NOW_MS), END, False),
    ],
)
def test_a_range_that_ends_before_it_begins_is_known_as_such(begin, end, is_reversed):
    assert ends_before(begin, end) is is_reversed


@pytest.mark.parametrize("text", ["", "-24", "24h", "-1y", "yesterday", "1e3", "²", "-5"])
def test_what_names_no_point_is_refused_by_name(text):
    with pytest.raises(ValueError, match="is not an offset, an ISO 8601 time or a duration"):
        parse_point(text, NOW_MS)


def message(value, key=b"a"):
    value = value if isinstance(value, bytes | None) else json.dumps(value).encode()
    return Message("documents", 0, 0, 0, key, value)


@pytest.mark.parametrize(
    ("texts", "value", "is_meant"),
    [
        ([], {"id": "a"}, True),
        ([], b"{no json", True),
        (["source=afp"], {"id": "a", "source": "afp"}, True),
        (["source=afp"], {"id": "a", "source": "dpa"}, False),
        (["source=afp"], {"id": "a"}, False),
        (["source=afp", "source=dpa"], {"id": "a", "source": "dpa"}, True),
        (["source=afp", "language=de"], {"id": "a", "source": "afp", "language": "en"}, False),
        (["label_set=news"], {"id": "a"}, True),
        (["label_set=news"], {"id": "a", "label_set": None}, True),
        (["label_set=news"], b"{no json", False),
        (["metadata.desk=sport"], {"id": "a", "metadata": {"desk": "sport"}}, True),
        (["metadata.desk=sport"], {"id": "a", "metadata": None}, False),
        (["metadata.page=7", "metadata.lead=true"], {"metadata": {"page": 7, "lead": True}}, True),
        (["title=a=b"], {"id": "a", "title": "a=b"}, True),
        (["source=afp"], [], False),
    ],
)
def test_a_document_is_meant_if_it_has_one_of_the_values_in_each_field(texts, value, is_meant):
    assert Conditions.parse(texts).match(message(value)) is is_meant


def test_a_deletion_is_meant_unless_another_id_is():
    gone = message(None)

    assert Conditions.parse(["source=afp"]).match(gone)
    assert Conditions.parse(["id=a", "id=b", "source=afp"]).match(gone)
    assert not Conditions.parse(["id=b"]).match(gone)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("source", "is not FIELD=VALUE"),
        ("desk=sport", "is not a field"),
        ("metadata=x", "is not a field"),
    ],
)
def test_what_is_no_condition_is_refused(text, why):
    with pytest.raises(ValueError, match=why):
        Conditions.parse([text])
