"""A feed of real articles through broker, worker and Redis; the engines are scripted.

FEED_FILE names a file of documents (JSON lines, gzip or not), FEED_LIMIT how many of them
(`make feed-test`).
"""

import json
import os
import random

import pytest
from support.stack import placed, running_stack, valid

from streams.client.files import Line, read_lines

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif("FEED_FILE" not in os.environ, reason="FEED_FILE names no feed"),
]


def articles():
    entries = read_lines(os.environ["FEED_FILE"])
    lines = [entry for entry in entries if isinstance(entry, Line)]
    limit = int(os.environ.get("FEED_LIMIT") or len(lines))
    chosen = random.Random(0).sample(lines, min(limit, len(lines)))
    return {line.id: line for line in chosen}


@pytest.mark.timeout(900)
async def test_every_article_of_the_feed_has_its_record_and_none_is_dead(tmp_path):
    wanted = articles()
    async with running_stack(tmp_path) as stack:
        await stack.start_worker()
        for line in wanted.values():
            await stack.send(line.value, key=line.id.encode())
        entities, dead = await stack.outcomes(s=800)

    assert dead == []
    assert sorted(r.key.decode() for r in entities) == sorted(wanted)
    for record in entities:
        document = json.loads(wanted[record.key.decode()].value)
        placed(valid(record), document)
