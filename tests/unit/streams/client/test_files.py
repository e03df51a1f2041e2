"""Documents in files."""

import gzip

import pytest

from ner_core.errors import ConfigurationError
from streams.client.files import Line, read_documents, read_lines

TWO = b'{"id": "a", "text": "x"}\n\n{"id": "b", "text": "y"}\n'


def test_lines_are_read_with_their_numbers_and_ids(tmp_path):
    path = tmp_path / "feed.jsonl"
    path.write_bytes(TWO)

    assert [(line.number, line.id) for line in read_lines(str(path))] == [(1, "a"), (3, "b")]


def test_gzip_is_recognised_by_its_content(tmp_path):
    path = tmp_path / "feed.jsonl"
    path.write_bytes(gzip.compress(TWO))

    assert [line.id for line in read_lines(str(path))] == ["a", "b"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"{no", "not JSON"),
        (b"[1]", "not an object"),
        (b'{"id": 7}', "7"),
        (b'{"text": "x"}', "None"),
    ],
)
def test_a_line_that_is_no_document_is_given_with_its_number_and_why(tmp_path, line, why):
    path = tmp_path / "feed.jsonl"
    path.write_bytes(TWO + line)

    *_, (number, error) = read_lines(str(path))

    assert number == 4
    assert why in str(error)


def test_a_plain_text_is_one_document_with_the_name_of_the_file(tmp_path):
    path = tmp_path / "article.txt"
    path.write_text("\ufeffAda left.\nBo stayed.", "utf-8")

    [line] = read_documents(str(path))

    assert isinstance(line, Line)
    assert line.id == "article.txt"
    assert b"Ada left.\\nBo stayed." in line.value


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        list(read_lines(str(tmp_path / "nowhere")))
