"""The time to read a labeled file grows with its length, not with the square of it."""

import json
import time

import pytest

from ner_core.evaluation.brat import read_brat
from ner_core.evaluation.json_values import read_values

MOST_S = 8


@pytest.fixture(autouse=True)
def _in_time():
    began = time.process_time()
    yield
    assert time.process_time() - began < MOST_S


def test_values_over_several_lines_are_numbered_in_time():
    value = {"id": "a" * 100}
    content = "\n".join([json.dumps(value, indent=1)] * 20_000)

    lines = [line for line, _ in read_values(content)]

    assert lines == [1 + 3 * n for n in range(20_000)]


def test_a_text_with_many_entities_is_cut_in_time():
    text = "Ada left.\n\n" * 5000
    starts = [11 * n for n in range(5000)]
    annotations = "\n".join(f"T1\tPER {start} {start + 3}\tAda" for start in starts)

    read = list(read_brat(annotations, text, "a"))

    assert [(one.text, one.entities) for one in read] == [("Ada left.", [(0, 3, "PER")])] * 5000
