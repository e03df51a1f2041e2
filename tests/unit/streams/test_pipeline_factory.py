"""Connecting to the engines of an ensemble file says what their servers do."""

import pytest
import structlog
from structlog.testing import capture_logs

from ner_core.resolvers.file import FileResolver
from ner_core.resolvers.http import HttpResolver
from ner_core.testing import ScriptedEngine
from streams.pipeline_factory import connect
from streams.settings import load_settings

ENSEMBLE = """
name = "one"
verifier = "gemma"
[[backbone]]
name = "gemma"
style = "{style}"
context_tokens = 4096
url = "{url}"
[embedder]
name = "gemma"
url = "{url}"
"""


@pytest.fixture(autouse=True)
def everything_is_logged():
    before = structlog.get_config()
    structlog.reset_defaults()
    yield
    structlog.configure(**before)


async def probed(tmp_path, style):
    async with ScriptedEngine(("gemma",)) as server:
        path = tmp_path / "one.toml"
        path.write_text(ENSEMBLE.format(style=style, url=server.url), "utf-8")
        with capture_logs() as logs:
            async with connect(load_settings(ensemble=path, redis_url=""), wait=False):
                pass
    return [log for log in logs if log["event"] == "engine probed"]


async def test_the_log_has_one_line_for_each_engine_on_what_its_server_does(tmp_path):
    [line] = await probed(tmp_path, "chat")

    assert line["engine"] == "gemma"
    assert line["works"] == "choices, logprobs, schema, cached_tokens, priority"
    assert line["does_not"] == "nothing"


async def test_a_schema_is_not_missed_where_none_is_asked_for(tmp_path):
    [line] = await probed(tmp_path, "pattern")

    assert line["works"] == "choices, logprobs, cached_tokens, priority, prompt_lists"
    assert line["does_not"] == "nothing"


async def resolver_of(tmp_path, source):
    async with ScriptedEngine(("gemma",)) as server:
        path = tmp_path / "one.toml"
        path.write_text(ENSEMBLE.format(style="pattern", url=server.url), "utf-8")
        settings = load_settings(ensemble=path, redis_url="", resolver=source)
        async with connect(settings, wait=False) as adapters:
            return adapters.pipeline.resolver


async def test_external_keys_come_from_a_file_or_a_service_and_from_nowhere_unless_asked(tmp_path):
    (tmp_path / "keys.jsonl").write_text('{"name": "WHO", "key": "Q7817"}', "utf-8")

    assert await resolver_of(tmp_path, "") is None
    assert isinstance(await resolver_of(tmp_path, str(tmp_path / "keys.jsonl")), FileResolver)
    assert isinstance(await resolver_of(tmp_path, "http://127.0.0.1:9/keys"), HttpResolver)
