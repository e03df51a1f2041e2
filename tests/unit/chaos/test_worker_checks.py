"""What the checker says of workers that end where their topic does not exist."""

import pytest
from chaos.checks import workers_end_when_told
from chaos.facts import facts_of


@pytest.mark.parametrize(
    ("after_s", "status", "lived", "kept"),
    [(2, 1, False, True), (2, 1, True, False), (2, 70, False, False), (9, 1, False, False)],
)
def test_a_worker_that_is_started_while_its_topic_is_missing_may_end(after_s, status, lived, kept):
    exited = {"what": "exited", "worker": "worker-1", "status": status, "told": None}
    events = [
        {"at": 0.0, "event": "run"},
        {"at": 1.0, "event": "topic_deleted", "life": 0},
        {"at": 1.0 + after_s, "event": "worker", **exited, "lived": lived},
    ]

    assert workers_end_when_told(facts_of(events)).kept is kept
