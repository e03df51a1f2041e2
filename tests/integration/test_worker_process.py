"""The worker of the embedded stack: one that can never be ready is told of, with its log."""

import pytest
from support.processes import free_port

from ner_core.errors import ConfigurationError
from streams.local.worker_process import running_worker
from streams.settings import load_settings
from streams.terminal import Progress

pytestmark = pytest.mark.integration


async def test_a_worker_that_never_gets_ready_ends_with_the_last_words_of_its_log(tmp_path):
    settings = load_settings(bootstrap=f"127.0.0.1:{free_port()}", cache_folder=tmp_path)

    with Progress() as progress, pytest.raises(ConfigurationError, match="before it was ready"):
        async with running_worker(settings, progress):
            pass
