"""A broker that loads its groups has not forgotten what they committed."""

import os

import pytest

from chaos.checks import judge
from chaos.driver import run
from chaos.facts import facts_of
from chaos.history import read
from chaos.plan import Plan

pytestmark = [pytest.mark.integration, pytest.mark.kafka, pytest.mark.timeout(300)]

FAULT = "broker loads its groups while a worker joins"


async def test_documents_are_not_tagged_again_while_the_broker_cannot_say_what_is_committed(
    tmp_path,
):
    if "KAFKA_HOME" not in os.environ:
        pytest.skip("KAFKA_HOME names no Apache Kafka")

    facts = facts_of(read(await run(Plan(1, 400, 30, (FAULT,), workers=2, rounds=2), tmp_path)))

    assert [line.name for line in judge(facts) if not line.kept] == []
    assert len(facts.faults) == 2
