"""One broker for the tests of a file, and topics of its own for each test."""

import pytest
from support.brokers import KAFKA, KAFKA_OF_ALL, TANSU, broker_of_a_file, own_topics


@pytest.fixture(scope="session", autouse=True)
def no_kafka_is_left():
    yield
    KAFKA_OF_ALL.end()


@pytest.fixture(scope="module", params=[TANSU, KAFKA])
def bootstrap(request, tmp_path_factory):
    with broker_of_a_file(request.param, tmp_path_factory.mktemp("broker")) as address:
        yield address


@pytest.fixture
async def settings(bootstrap):
    return await own_topics(bootstrap)
