"""One broker for the tests of a file, and topics of its own for each test."""

import pytest
from support.brokers import KAFKA, TANSU, own_topics, shared_broker


@pytest.fixture(scope="module", params=[TANSU, KAFKA])
def bootstrap(request, tmp_path_factory):
    with shared_broker(request.param, tmp_path_factory.mktemp("broker")) as address:
        yield address


@pytest.fixture
async def settings(bootstrap):
    return await own_topics(bootstrap)
