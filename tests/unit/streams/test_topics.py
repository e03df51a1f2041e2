"""Topics are created as far as they are wanted and absent."""

from types import SimpleNamespace

import pytest

from streams import topics
from streams.settings import load_settings
from streams.wire.errors import BrokerDeniedError

DENIED = 29  # TopicAuthorizationFailed


class Admin:
    """A broker's client with rights to create some topics."""

    allowed: frozenset[str] = frozenset()
    existing: frozenset[str] = frozenset()

    def __init__(self, **_):
        pass

    async def start(self):
        pass

    async def close(self):
        pass

    async def describe_topics(self):
        return [{"topic": t, "partitions": [0], "error_code": 0} for t in Admin.existing]

    async def create_topics(self, wanted):
        [name] = [topic.name for topic in wanted]
        if name not in Admin.allowed:
            return SimpleNamespace(topic_errors=[(name, DENIED, "no rights")])
        Admin.existing |= {name}
        return SimpleNamespace(topic_errors=[(name, 0, None)])


@pytest.fixture
def settings(monkeypatch):
    monkeypatch.setattr(topics, "AIOKafkaAdminClient", Admin)
    monkeypatch.setattr(Admin, "existing", frozenset({"documents", "v2.dead"}))
    monkeypatch.setattr(Admin, "allowed", frozenset({"v2"}))
    return load_settings().model_copy(update={"entities_topic": "v2", "dead_topic": "v2.dead"})


async def test_only_the_topics_that_are_named_and_absent_need_the_right_to_create_them(settings):
    assert await topics.create(settings, "v2", "v2.dead") == {"v2": True, "v2.dead": False}


async def test_a_topic_that_may_not_be_created_is_an_error_that_names_it(settings):
    with pytest.raises(BrokerDeniedError, match="topic demonstrations: no rights"):
        await topics.create(settings)
