"""The files of an evaluation's report."""

import tomllib
from dataclasses import replace

import orjson
import pytest

from ner_core.errors import ConfigurationError
from ner_core.evaluation.baselines import (
    ENSEMBLE,
    INTERSECTION,
    MAJORITY_OF_CALLS,
    RULES,
    UNION_OF_CALLS,
    WITHOUT_POOL_VOTE,
    WITHOUT_VERIFICATION,
    single_call,
    single_member,
)
from ner_core.evaluation.scores import figures
from ner_core.evaluation.stack import Learned
from ner_core.stack import Stack
from streams.evaluation import report

OF_BOTH = [UNION_OF_CALLS, MAJORITY_OF_CALLS, INTERSECTION]
LAST = [WITHOUT_POOL_VOTE, WITHOUT_VERIFICATION, ENSEMBLE]


def result_with(rows):
    nothing = figures([(set(), set())])
    return report.Result(
        file="a.jsonl",
        ensemble="small",
        nested="flat",
        by="sentence",
        texts=1,
        sentences=1,
        rows=dict.fromkeys(rows, nothing),
        cost=dict.fromkeys(("requests", "prompt_tokens", "cached_tokens", "completion_tokens"), 0),
        computed_tokens={},
        scored=[],
        rejected=0,
        abstained=0,
        p50_s=0,
        p95_s=0,
        fingerprints=[],
        omissions={},
        label_set="news",
        learned=None,
    )


@pytest.mark.parametrize("models", [["a", "b"], ["a", "b", "c", "d", "e"]])
def test_the_plot_shows_five_rows_at_most_and_the_table_all(tmp_path, monkeypatch, models):
    drawn = {}
    monkeypatch.setattr(report, "draw", lambda _, files, __: drawn.update(files))
    calls = [single_call(model) for model in models]
    rows = [RULES, "spaCy", *calls, *map(single_member, models), *OF_BOTH, *LAST]

    _, text, *_ = report.write(tmp_path, [result_with(rows)])

    expected = ["spaCy", *calls, WITHOUT_POOL_VOTE, ENSEMBLE][-5:]
    assert list(drawn["a.jsonl"]) == expected
    assert all(f"| {row} |" in text.read_text("utf-8") for row in rows if row != ENSEMBLE)


def test_a_stack_that_fits_is_in_all_forms_of_the_report(tmp_path):
    one = Learned(Stack(intercept=0.5, weights={"mean": 1.0}, least=0.3), 71.5)

    data, text, _, stacks = report.write(tmp_path, [replace(result_with([ENSEMBLE]), learned=one)])

    (line,) = orjson.loads(data.read_bytes())
    assert line["learned"]["stack"]["weights"] == {"mean": 1.0}
    assert "F1 71.5 instead of" in text.read_text("utf-8")
    assert tomllib.loads(stacks.read_text("utf-8"))["stacks"]["news"]["least"] == 0.3


@pytest.mark.parametrize(
    "name", ["evaluation.json", "evaluation.md", "evaluation.png", "stacks.toml"]
)
def test_a_file_that_a_full_disk_does_not_take_is_named(tmp_path, name):
    (tmp_path / name).symlink_to("/dev/full")

    with pytest.raises(ConfigurationError, match=rf"{name} cannot be written: No space left"):
        report.write(tmp_path, [result_with([ENSEMBLE])])
