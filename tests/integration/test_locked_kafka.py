"""Every way to authenticate, against a real broker that demands it and refuses what is wrong."""

import logging
import os

import pytest
import trustme
from cryptography.hazmat.primitives.asymmetric import rsa
from support.locked_kafka import PASSWORD, SCRAM, USER, locked_kafka
from support.processes import answers, until

from streams import topics
from streams.settings import load_settings
from streams.wire.errors import BrokerDeniedError, BrokerUnavailableError

pytestmark = [
    pytest.mark.integration,
    pytest.mark.kafka,
    pytest.mark.timeout(300),
    pytest.mark.skipif("KAFKA_HOME" not in os.environ, reason="KAFKA_HOME names no Apache Kafka"),
]

WRONG = "wr0ng-s3cret"


@pytest.fixture(scope="module")
def kafka(tmp_path_factory):
    with locked_kafka(tmp_path_factory.mktemp("locked")) as broker:
        yield broker


@pytest.fixture
async def broker(kafka):
    await until(lambda: answers(kafka.at("open")), "kafka answers", 180, kafka.process)
    await topics.create(load_settings(bootstrap=kafka.at("open"), partitions=1))
    return kafka


@pytest.fixture(autouse=True)
def no_secret_is_logged(caplog, kafka):
    caplog.set_level(logging.DEBUG)
    yield
    signature = kafka.token().rpartition(".")[2]
    for secret in (PASSWORD, WRONG, signature):
        assert secret not in caplog.text


async def sees_topics(**settings):
    """Whether the broker shows the topics to whoever these settings are."""
    made = load_settings(**settings)
    return set(await topics.partitions(made)) == set(made.topics)


def plain(broker, **more):
    return {
        "bootstrap": broker.at("sasl"), "security": "sasl_plaintext",
        "sasl_username": USER, "sasl_password": PASSWORD, **more,
    }  # fmt: skip


def over_tls(broker, **more):
    ca = broker.folder / "ca.pem"
    return plain(
        broker, bootstrap=broker.at("sasl_tls"), security="sasl_ssl", ssl_ca_file=ca, **more
    )


def mutual(broker, **more):
    ca = broker.folder / "ca.pem"
    return {"bootstrap": broker.at("mutual"), "security": "ssl", "ssl_ca_file": ca, **more}


@pytest.mark.parametrize("mechanism", ["PLAIN", *SCRAM])
async def test_the_right_password_is_let_in_and_a_wrong_one_denied(broker, mechanism):
    right = plain(broker, sasl_mechanism=mechanism)
    assert await sees_topics(**right)

    for wrong in ({"sasl_password": WRONG}, {"sasl_username": "nobody"}):
        with pytest.raises(BrokerDeniedError, match="check user, password") as denied:
            await sees_topics(**right | wrong)
        assert WRONG not in str(denied.value)


async def test_a_token_that_the_broker_can_verify_is_let_in_and_no_other(broker, tmp_path):
    file = tmp_path / "token"
    token = {"security": "sasl_plaintext", "sasl_mechanism": "OAUTHBEARER"}
    settings = {"bootstrap": broker.at("sasl"), "sasl_token_file": file, **token}
    file.write_text(broker.token())
    assert await sees_topics(**settings)

    forged = broker.token(key=rsa.generate_private_key(public_exponent=65537, key_size=2048))
    for refused in (forged, broker.token(audience="another"), broker.token(life_s=-100)):
        file.write_text(refused)
        with pytest.raises(BrokerUnavailableError, match="token match what it requires"):
            await sees_topics(**settings)


async def test_over_tls_the_password_is_checked_and_the_certificate_of_the_broker(broker):
    assert await sees_topics(**over_tls(broker))

    with pytest.raises(BrokerDeniedError, match="check user, password"):
        await sees_topics(**over_tls(broker, sasl_password=WRONG))
    with pytest.raises(BrokerDeniedError, match=r"certificate verify failed.*ssl_ca_file"):
        await sees_topics(**over_tls(broker) | {"ssl_ca_file": None})


async def test_a_client_certificate_is_demanded_and_must_be_of_the_right_authority(broker):
    assert await sees_topics(**mutual(broker, **broker.certificate()))

    for wrong in ({}, broker.certificate(trustme.CA())):
        with pytest.raises(BrokerUnavailableError, match=r"closed; .*certificate"):
            await sees_topics(**mutual(broker, **wrong))


async def test_a_listener_with_passwords_lets_nobody_in_without_one(broker):
    with pytest.raises(BrokerUnavailableError, match="security protocol"):
        await sees_topics(bootstrap=broker.at("sasl"))
