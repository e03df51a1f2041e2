"""A model whose answers cannot be used is named, though every record is valid."""

from structlog.testing import capture_logs

from ner_core.types import StageCounts
from streams.worker.abstentions import Abstentions
from streams.worker.metrics import Metrics

ALL = {("extract", "phi"): StageCounts(requests=10, abstained=10)}
NONE = {("extract", "phi"): StageCounts(requests=10)}


def test_a_model_is_named_once_nearly_all_of_enough_answers_are_unusable():
    abstentions = Abstentions()
    with capture_logs() as logs:
        for _ in range(4):
            abstentions.count(ALL)
        assert not abstentions.warnings
        abstentions.count({("extract", "phi"): StageCounts(requests=10, abstained=6)})
        abstentions.count(ALL)

    [warning] = abstentions.warnings
    assert warning.startswith("phi, stage extract: 56 of the last 60 answers are unusable")
    assert [log["log_level"] for log in logs] == ["warning"]


def test_a_stage_is_judged_by_itself():
    abstentions = Abstentions()
    for _ in range(9):
        abstentions.count({**ALL, ("classify", "phi"): StageCounts(requests=100)})

    assert len(abstentions.warnings) == 1


def test_a_model_that_can_be_used_again_is_named_no_more_and_then_logged_again():
    abstentions = Abstentions()
    with capture_logs() as logs:
        for counts in [ALL] * 8 + [NONE] * 8 + [ALL] * 200:
            abstentions.count(counts)
            named = bool(abstentions.warnings)

    assert named
    assert len(logs) == 2


def test_a_few_answers_that_cannot_be_used_name_nobody():
    abstentions = Abstentions()
    for _ in range(50):
        abstentions.count({("extract", "phi"): StageCounts(requests=10, abstained=8)})

    assert not abstentions.warnings


def test_the_metrics_of_a_worker_count_abstentions():
    metrics = Metrics()
    for _ in range(5):
        metrics.count_stages(ALL)

    assert metrics.abstentions.warnings
