"""Workers whose user lacks a right on a broker that checks: which one is said, and nothing lost."""

import json
import os

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from support import ROOT
from support.brokers import own_group
from support.locked_kafka import OTHERS, PASSWORD, locked_kafka
from support.processes import STARTS_WITHIN_S, Process, answers, running, until
from support.stack import ENGINES, ENSEMBLE, WORKER, variables

from ner_core.testing import ScriptedEngine
from streams import topics
from streams.client.send import load_demonstrations
from streams.host.ports import free_port
from streams.settings import load_settings

pytestmark = [
    pytest.mark.integration,
    pytest.mark.kafka,
    pytest.mark.timeout(300),
    pytest.mark.skipif("KAFKA_HOME" not in os.environ, reason="KAFKA_HOME names no Apache Kafka"),
]

SEES = [("Describe", "topic", prefix) for prefix in "def"]
READS = [("Read", "topic", "documents"), ("Read", "topic", "demonstrations")]
JOINS = ("Read", "group", "tagwire")
WRITES = [("Write", "topic", prefix) for prefix in ("entities", "documents.dead", "fingerprints")]
TRANSACTS = [(right, "transactional id", "tagwire") for right in ("Write", "Describe")]
ALL = [*SEES, *READS, JOINS, *WRITES, *TRANSACTS]
users = iter(OTHERS)


@pytest.fixture(scope="module")
def kafka(tmp_path_factory):
    with locked_kafka(tmp_path_factory.mktemp("locked")) as broker:
        yield broker


@pytest.fixture
async def broker(kafka):
    await until(lambda: answers(kafka.at("open")), "kafka answers", STARTS_WITHIN_S, kafka.process)
    own = load_settings(bootstrap=kafka.at("open"), partitions=1)
    await topics.create(own)
    await load_demonstrations(own, str(ROOT / "examples" / "demonstrations.jsonl"))
    producer = AIOKafkaProducer(bootstrap_servers=own.bootstrap)
    await producer.start()
    document = {"id": "a", "text": "Ada Kern left Varna."}
    await producer.send_and_wait("documents", json.dumps(document).encode(), b"a")
    await producer.stop()
    return kafka


@pytest.fixture
async def worker(broker, tmp_path):
    """Makes workers of a new user with rights, not started."""
    async with ScriptedEngine(ENGINES) as engine:
        ensemble = tmp_path / "ensemble.toml"
        ensemble.write_text(ENSEMBLE.format(**dict.fromkeys(ENGINES, engine.port)))

        async def made(*rights):
            user = next(users)
            await broker.allow(user, *rights)
            settings = {
                "bootstrap": broker.at("sasl"), "security": "sasl_plaintext",
                "sasl_username": user, "sasl_password": PASSWORD, "group": own_group(),
                "redis_url": "", "ensemble": ensemble, "web_port": free_port(),
            }  # fmt: skip
            return Process(WORKER, tmp_path / "worker.log", variables(settings))

        yield made


def without(*missing):
    return [right for right in ALL if right not in missing]


@pytest.mark.parametrize(
    ("rights", "said"),
    [
        pytest.param([], "give the user the right Describe", id="none"),
        pytest.param(
            without(("Read", "topic", "demonstrations")),
            "needs the right Read on the topic demonstrations",
            id="demonstrations",
        ),
        pytest.param(
            without(("Read", "topic", "documents")),
            "needs the right Read on the topic documents",
            id="documents",
        ),
        pytest.param(
            without(("Write", "topic", "entities")),
            "needs the right Write on the topic entities",
            id="entities",
        ),
        pytest.param(without(JOINS), "needs the right Read on the group tagwire-", id="group"),
    ],
)
async def test_a_right_that_is_missing_ends_the_worker_and_is_named(worker, rights, said):
    process = await worker(*rights)

    async def ended():
        return process.child.poll() is not None

    with running(process):
        await until(ended, "the worker ends", STARTS_WITHIN_S, process)

    assert process.child.returncode != 0
    assert said in process.read_log()
    assert PASSWORD not in process.read_log()


async def test_without_the_right_to_transactions_it_says_so_and_is_at_least_once(worker, broker):
    process = await worker(*without(*TRANSACTS))
    with running(process):
        await one_more_is_tagged(broker, process)

    log = process.read_log()
    assert log.count("no transactions here") == 1
    assert "needs the right Write and Describe on the transactional id tagwire-" in log


async def test_with_all_rights_it_runs_transactions(worker, broker):
    process = await worker(*ALL)
    with running(process):
        await one_more_is_tagged(broker, process)

    assert "no transactions here" not in process.read_log()


async def one_more_is_tagged(broker, process):
    consumer = AIOKafkaConsumer(
        "entities", bootstrap_servers=broker.at("open"), isolation_level="read_committed"
    )
    await consumer.start()
    try:
        await consumer.seek_to_end()

        async def tagged():
            return bool(await consumer.getmany(timeout_ms=200))

        await until(tagged, "a document is tagged", STARTS_WITHIN_S, process)
    finally:
        await consumer.stop()
