"""What an evaluation fits to a labeled file, and an ensemble file can take over."""

import tomllib

import pytest

from ner_core.ensemble import load_ensemble
from ner_core.evaluation.stack import Learned
from ner_core.labels import EntityType, LabelSet
from ner_core.stack import Stack
from ner_core.types import Demonstration
from streams.evaluation.learned import learned, line_of, tables
from streams.evaluation.tasks import Task

LABELS = LabelSet("ships", (EntityType("ship", "ship", ""), EntityType("port", "port", "")))
TEXT = "Ada left Varna."
RIGHT = {(9, 14, "port")}


def task(queries):
    empty, full = Demonstration("1", "rain", ()), Demonstration("2", TEXT, ())
    return Task("ships.dev", LABELS, queries, (empty, full), "port", "flat", "sentence", 1)


def answer(sure):
    """Return an answer in which both spans are called ports, one of them wrongly."""
    votes = [
        [9, 14, {"a": {"type": "port", "probabilities": {"port": sure, "none": 1 - sure}}}],
        [0, 3, {"a": {"type": "port", "probabilities": {"port": 1 - sure, "none": sure}}}],
    ]
    return {"parts": [{"extracted": {"a": [[9, 14, "port"]]}, "votes": votes}]}


def test_a_file_with_enough_entities_has_a_stack():
    one = learned(task(()), [answer(0.7)] * 50, [RIGHT] * 50)

    assert one.f1 == 100
    assert one.stack.least == 0.5


def test_a_file_with_fewer_than_fifty_entities_has_none():
    assert learned(task(()), [answer(0.7)] * 49, [RIGHT] * 49) is None


def test_a_file_of_which_nothing_was_found_has_none():
    elsewhere = {(4, 8, "ship")}

    assert learned(task(()), [answer(0.7)] * 60, [elsewhere] * 60) is None


@pytest.mark.parametrize("label_set", ["ships", "ships of the line", 'a "b"'])
def test_the_tables_of_stacks_can_be_put_into_an_ensemble_file(tmp_path, label_set):
    stack = Stack(intercept=-1.5, weights={"one votes": 0.25, "mean": 1.0}, least=0.32)
    file = tmp_path / "ensemble.toml"
    member = (
        '[[backbone]]\nname = "one"\nstyle = "chat"\ncontext_tokens = 2048\nurl = "http://x/v1"\n'
    )
    encoder = '[embedder]\nname = "e"\nurl = "http://x/v1"\n'
    head = 'name = "small"\nverifier = "one"\n'
    file.write_text(
        "\n".join([head, tables([("ships.dev", label_set, stack)]), member, encoder]), "utf-8"
    )

    assert load_ensemble(file).stacks == {label_set: stack}


def test_a_file_of_no_stacks_is_still_a_file_of_tables():
    assert tomllib.loads(tables([])) == {}


def test_of_two_files_of_a_label_set_the_second_stack_is_a_comment():
    one, other = Stack(intercept=1.0, weights={}), Stack(intercept=2.0, weights={})
    text = tables([("a.dev", "ships", one), ("b.dev", "ships", other)])

    assert tomllib.loads(text)["stacks"]["ships"]["intercept"] == 1.0
    assert "# fitted to b.dev" in text
    assert "# intercept = 2.0" in text


def test_the_report_says_what_the_stack_is_worth():
    one = Learned(Stack(intercept=0.0, weights={}), 64.16)

    assert "F1 64.2 instead of 60.0" in line_of("ships.dev", one, 60.0)
