"""Files to read."""

import pytest


@pytest.fixture
def file(tmp_path):
    def write(content, name="feed.jsonl"):
        path = tmp_path / name
        path.write_bytes(content)
        return str(path)

    return write
