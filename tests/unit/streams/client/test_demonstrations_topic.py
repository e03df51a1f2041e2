"""What commands read of the topic ``demonstrations``, record by record."""

from streams.client.demonstrations_topic import Held, _take


def test_a_record_that_was_refused_for_its_key_is_gone_once_it_is_removed():
    found = Held()

    _take(found, b"\xff", b"{}")
    refused = list(found.refused)
    _take(found, b"\xff", None)

    assert refused == ["\udcff"]
    assert not found.refused
