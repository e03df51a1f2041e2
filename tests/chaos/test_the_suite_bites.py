"""The oracle sees what is lost or stale: workers with a known fault, on a real broker."""

import os

import pytest

from chaos.checks import judge
from chaos.driver import run
from chaos.facts import facts_of
from chaos.history import read
from chaos.plan import Plan

pytestmark = [pytest.mark.integration, pytest.mark.kafka, pytest.mark.timeout(300)]

SEED = 7
LOST = "every input has an outcome"
PASSED = "committed offsets never pass an unfinished document"
BACK = "no version goes back"


async def broken(folder, *, worker, faults):
    """Returns the names of the lines that a short run breaks."""
    if "KAFKA_HOME" not in os.environ:
        pytest.skip("KAFKA_HOME names no Apache Kafka")
    plan = Plan(SEED, 500, 40, kinds=faults, module=(worker, "worker"), workers=2, patience_s=20)
    lines = judge(facts_of(read(await run(plan, folder))))
    return {line.name for line in lines if not line.kept}


async def test_documents_acknowledged_on_receipt_are_seen_to_be_lost(tmp_path):
    worker = "chaos.broken.acknowledges_on_receipt"

    assert {LOST, PASSED} <= await broken(tmp_path, worker=worker, faults=("worker killed",))


async def test_documents_that_take_acknowledges_are_seen_to_be_lost(tmp_path):
    worker = "chaos.broken.takes"

    assert {LOST, PASSED} <= await broken(tmp_path, worker=worker, faults=("worker told to end",))


async def test_versions_that_a_paused_worker_writes_are_seen_to_go_back(tmp_path):
    faults = ("worker stopped beyond the session",)

    assert BACK in await broken(tmp_path, worker="chaos.broken.unfenced", faults=faults)


async def test_no_version_goes_back_with_the_worker_as_it_is(tmp_path):
    faults = ("worker stopped beyond the session",)

    assert BACK not in await broken(tmp_path, worker="streams.cli", faults=faults)


async def test_the_same_seed_loses_nothing_with_the_worker_as_it_is(tmp_path):
    faults = ("worker killed", "worker told to end")

    assert not {LOST, PASSED} & await broken(tmp_path, worker="streams.cli", faults=faults)
