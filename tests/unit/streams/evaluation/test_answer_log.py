"""Stored answers of an evaluation."""

import pytest

from ner_core.errors import ConfigurationError
from streams.evaluation.answer_log import AnswerLog


def test_an_incomplete_last_line_is_ignored_and_the_next_answer_has_its_own(tmp_path):
    path = tmp_path / "new" / "sentences.jsonl"
    AnswerLog(path).add("a", {"n": 1})
    with path.open("ab") as file:
        file.write(b'["b", {"n"')
    AnswerLog(path).add("c", {"n": 3})

    answers = AnswerLog(path)

    assert [key in answers for key in "abc"] == [True, False, True]
    assert answers["c"] == {"n": 3}


def test_a_folder_that_cannot_be_made_is_an_error_that_names_it(tmp_path):
    (tmp_path / "taken").touch()

    with pytest.raises(ConfigurationError, match=r"cannot be stored in .*taken"):
        AnswerLog(tmp_path / "taken" / "sentences.jsonl")


def test_an_answer_that_a_full_disk_does_not_take_is_an_error_that_names_the_file(tmp_path):
    path = tmp_path / "sentences.jsonl"
    answers = AnswerLog(path)
    path.unlink()
    path.symlink_to("/dev/full")

    with pytest.raises(ConfigurationError, match=r"jsonl cannot be written: No space left"):
        answers.add("a", {"n": 1})
