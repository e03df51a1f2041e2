"""The texts we ship: exact, complete, and no answer of the feed stands in the pool."""

import re

import orjson
import pytest
from support import ROOT

from ner_core.labels import SHIPPED, load_label_set
from ner_core.text.sentences import split
from ner_core.types import Document
from streams.wire.demonstrations import decode_demonstration
from streams.wire.documents import DocumentRecord

EXAMPLES = ROOT / "examples"
WORD = re.compile(r"\w+")


def lines(name):
    return (EXAMPLES / name).read_bytes().splitlines()


FEED = [orjson.loads(line) for line in lines("feed.jsonl")]
GOLD = [orjson.loads(line) for line in lines("gold.jsonl")]
POOL = [decode_demonstration(line) for line in lines("demonstrations.jsonl")]
TYPES = set(load_label_set(SHIPPED / "news.toml").ids)


def words(text):
    return len(WORD.findall(text))


def grams(text):
    tokens = WORD.findall(text.lower())
    return {tuple(tokens[i : i + 3]) for i in range(len(tokens) - 2)}


def test_the_feed_has_forty_articles_of_100_to_400_words_the_shortest_first():
    sizes = [words(article["title"] + " " + article["text"]) for article in FEED]

    assert len(FEED) == 40
    assert len({article["id"] for article in FEED}) == 40
    assert all(100 <= size <= 400 for size in sizes)
    assert sizes[0] < sizes[-1]


def test_every_article_is_a_document_of_the_topic():
    for article in FEED:
        assert DocumentRecord.model_validate(article).id == article["id"]


def test_the_demo_has_at_least_60_sentences():
    documents = [Document(a["id"], a["text"], a["title"]) for a in FEED[:8]]
    sentences = [s for d in documents for s in split(d, max_chars=600, overlap_chars=100)]

    assert len(sentences) >= 60


def test_the_first_twelve_articles_have_gold_entities_at_their_offsets():
    articles = {article["id"]: article for article in FEED}

    assert [gold["id"] for gold in GOLD] == [article["id"] for article in FEED[:12]]
    for gold in GOLD:
        for e in gold["entities"]:
            assert articles[gold["id"]][e["field"]][e["start"] : e["end"]] == e["text"]
            assert e["type"] in TYPES


def test_the_pool_has_at_least_300_sentences_with_entities_at_their_offsets():
    written = [orjson.loads(line) for line in lines("demonstrations.jsonl")]

    assert len(POOL) >= 300
    assert len({d.text for d in POOL}) == len({d.id for d in POOL}) == len(POOL)
    for demonstration in written:
        for e in demonstration["entities"]:
            assert demonstration["text"][e["start"] : e["end"]] == e["text"]
            assert e["type"] in TYPES


def test_the_pool_shows_every_type_often_and_sentences_without_any():
    shown = [e.type for d in POOL for e in d.entities]

    assert min(shown.count(kind) for kind in TYPES) >= 25
    assert sum(not d.entities for d in POOL) >= 30


@pytest.mark.parametrize("gold", GOLD, ids=lambda gold: gold["id"])
def test_no_gold_surface_stands_in_the_pool(gold):
    surfaces = {e["text"] for e in gold["entities"]}
    pattern = re.compile(r"(?<!\w)(" + "|".join(map(re.escape, surfaces)) + r")(?!\w)")

    assert [d.text for d in POOL if pattern.search(d.text)] == []


def test_no_sentence_of_the_pool_is_near_one_of_the_feed():
    sentences = [
        grams(s.text)
        for a in FEED
        for s in split(Document(a["id"], a["text"], a["title"]), max_chars=600, overlap_chars=100)
    ]
    near = [
        d.text
        for d in POOL
        if len(own := grams(d.text)) >= 3
        and any(len(own & other) > 0.5 * min(len(own), len(other)) for other in sentences if other)
    ]

    assert near == []
