"""The small label sets that are measured: exact, complete, and apart from each other."""

import re
from collections import Counter
from itertools import pairwise

import orjson
import pytest
from support import ROOT

from ner_core.evaluation.sampling import POOL_CHARS, TEST_CHARS, pool_for
from ner_core.labels import load_label_set
from ner_core.pool.checks import findings
from streams.wire.demonstrations import decode_demonstration

FOLDER = ROOT / "benchmarks" / "few"
NAMES = sorted(path.stem for path in FOLDER.glob("*.toml"))
BORDER = re.compile(r"\b")
FILES = [f"{name}.{kind}" for name in NAMES for kind in ("demonstrations", "test")]


def rows(name):
    return [orjson.loads(line) for line in (FOLDER / f"{name}.jsonl").read_bytes().splitlines()]


def read(name):
    return [decode_demonstration(orjson.dumps(row)) for row in rows(name)]


def labels(name):
    return load_label_set(FOLDER / f"{name}.toml")


def surfaces(texts):
    return {text["text"][e["start"] : e["end"]] for text in texts for e in text["entities"]}


def names(row):
    return sorted([*row["entities"], *row["others"]], key=lambda name: name["start"])


@pytest.mark.parametrize("name", NAMES)
def test_a_set_has_four_types_each_defined_in_one_line(name):
    types = labels(name).types

    assert len(types) == 4
    assert all(10 < len(kind.definition) < 120 for kind in types)


@pytest.mark.parametrize("file", FILES)
def test_every_name_is_at_its_offsets_and_of_a_type_of_the_set(file):
    name = file.partition(".")[0]
    known = set(labels(name).ids)

    for row in rows(file):
        text, marked = row["text"], names(row)
        assert row["label_set"] == name
        assert {entity["type"] for entity in row["entities"]} <= known
        for one in marked:
            assert text[one["start"] : one["end"]] == one["text"] == one["text"].strip()
            assert BORDER.match(text, one["start"])
            assert BORDER.match(text, one["end"])
        assert all(a["end"] <= b["start"] for a, b in pairwise(marked))


@pytest.mark.parametrize("name", NAMES)
def test_there_are_150_demonstrations_with_other_names_and_with_nothing(name):
    demonstrations = rows(f"{name}.demonstrations")

    assert len(demonstrations) == 150
    assert all(len(row["text"]) in POOL_CHARS for row in demonstrations)
    assert sum(bool(row["others"]) for row in demonstrations) >= 50
    assert sum(not names(row) for row in demonstrations) >= 30


@pytest.mark.parametrize("name", NAMES)
def test_the_first_15_demonstrations_show_every_type_other_names_and_nothing(name):
    first = rows(f"{name}.demonstrations")[:15]
    shown = Counter(entity["type"] for row in first for entity in row["entities"])

    assert all(shown[kind] >= 3 for kind in labels(name).ids)
    assert sum(bool(row["others"]) for row in first) >= 5
    assert sum(not names(row) for row in first) >= 3


@pytest.mark.parametrize("name", NAMES)
def test_the_gold_has_12_articles_of_5_sentences_with_names_that_repeat(name):
    gold = rows(f"{name}.test")
    articles = Counter(row["doc"] for row in gold)

    assert len(articles) == 12
    assert set(articles.values()) == {5}
    assert all(len(row["text"]) in TEST_CHARS for row in gold)
    assert sum(bool(row["others"]) for row in gold) >= 20
    repeating = [doc for doc in articles if _repeats([r for r in gold if r["doc"] == doc])]
    assert len(repeating) >= 9


def _repeats(article):
    found = Counter(entity["text"] for row in article for entity in row["entities"])
    return max(found.values()) > 1


@pytest.mark.parametrize("name", NAMES)
def test_at_most_a_quarter_of_the_gold_has_a_name_of_the_demonstrations(name):
    known = surfaces(rows(f"{name}.demonstrations"))
    gold = rows(f"{name}.test")

    sharing = [row["id"] for row in gold if known & surfaces([row])]

    assert len(sharing) <= len(gold) / 4


@pytest.mark.parametrize("name", NAMES)
def test_all_demonstrations_may_be_shown_beside_the_gold(name):
    demonstrations, gold = read(f"{name}.demonstrations"), read(f"{name}.test")

    pool = pool_for(demonstrations, gold, number=None, seed=0)

    assert len(pool) == len(demonstrations)


@pytest.mark.parametrize("file", FILES)
def test_nothing_is_found_by_the_checks_of_demonstrations(file):
    name = file.partition(".")[0]

    assert list(findings(read(file), {name: labels(name)})) == []


def test_no_sentence_occurs_twice_in_any_of_the_files():
    texts = Counter(row["text"] for file in FILES for row in rows(file))

    assert [text for text, number in texts.items() if number > 1] == []
