"""How many deaths of an engine are borne."""

import pytest

from streams.serving.supervisor import POLICY, POLICY_ON_CPU
from streams.worker.retries import DEATHS_BEFORE_ALONE


def test_ten_documents_in_a_row_that_kill_their_engine_do_not_end_it():
    deaths_of_a_document = DEATHS_BEFORE_ALONE + 1

    assert POLICY.max_short_lives >= 10 * deaths_of_a_document


@pytest.mark.parametrize("policy", [POLICY, POLICY_ON_CPU])
def test_an_engine_that_answered_two_canaries_begins_a_new_count(policy):
    assert policy.steady_s == 2 * policy.liveness.every_s
