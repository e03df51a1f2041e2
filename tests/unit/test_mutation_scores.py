"""The floor of the mutation score."""

import json

import pytest
from mutation_scores import main


@pytest.fixture
def judged(tmp_path, capsys):
    def judge(*patterns, **files):
        for name, codes in files.items():
            content = {"exit_code_by_key": {f"{name}.x_{n}": c for n, c in enumerate(codes)}}
            (tmp_path / f"{name}.py.meta").write_text(json.dumps(content))
        with pytest.raises(SystemExit) as ended:
            main(tmp_path, patterns)
        return ended.value.code, capsys.readouterr().out.splitlines()

    return judge


def test_what_is_killed_or_takes_for_ever_is_noticed(judged):
    status, lines = judged(a=[1] * 84 + [36] + [0] * 15)

    assert status == 0
    assert [line.split()[:4] for line in lines] == [
        ["a.py", "85.0%", "of", "100"],
        ["all", "85.0%", "of", "100"],
    ]


def test_one_file_under_the_floor_is_an_error_that_names_it(judged):
    status, _ = judged(good=[1] * 100, bad=[1] * 84 + [0] * 16)

    assert status == "under the floor of 85%: bad.py"


@pytest.mark.parametrize("code", [0, 33, 2, -11, None])
def test_what_survives_is_untested_or_was_not_judged_counts_against_the_score(judged, code):
    status, _ = judged(a=[1, code])

    assert status == "under the floor of 85%: a.py, all"


def test_what_was_not_asked_for_does_not_count(judged):
    status, lines = judged("a.x_0*", a=[1, None], b=[None])

    assert status == 0
    assert [line.split()[0] for line in lines] == ["a.py", "all"]


def test_no_mutant_at_all_is_an_error(judged):
    status, _ = judged()

    assert status == "under the floor of 85%: all"
