"""An error names the file that is missing, if it is another than the one that was asked for."""

import pytest

from ner_core.evaluation.corpora import CorpusError, load_corpus


def test_annotations_without_their_text_name_the_text(tmp_path):
    annotations = tmp_path / "a.ann"
    annotations.write_text("T1\tPER 0 3\tAda\n")

    with pytest.raises(CorpusError) as error:
        load_corpus(annotations, "x")

    text = tmp_path / "a.txt"
    assert str(error.value) == f"{annotations}: No such file or directory: {text}"


def test_a_file_that_is_missing_itself_is_named_once(tmp_path):
    with pytest.raises(CorpusError) as error:
        load_corpus(tmp_path / "a.ann", "x")

    assert str(error.value) == f"{tmp_path / 'a.ann'}: No such file or directory"
