"""Documents in files: what the worker takes, byte for byte, and one outcome for each line."""

import gzip
import json
import re
import sys
from io import BytesIO, TextIOWrapper

import pytest
from support.entries import READERS, refused

from ner_core.errors import ConfigurationError
from streams.client.files import read_documents, read_lines
from streams.wire.documents import decode

TWO = b'{"id": "a", "text": "x"}\n\n{"id": "b", "text": "y"}\n'
PACKED = gzip.compress(TWO, mtime=0)  # parameters are ids: the same in every process
ARRAY = b'[{"id": "a", "text": "Ada left."}, {"id": "b", "text": "Bo came."}]'
PRETTY = json.dumps({"id": "a", "text": "Ada left."}, indent=2).encode()


@READERS
def test_lines_are_read_with_their_numbers_and_ids(file, read):
    assert [(line.number, line.id) for line in read(file(TWO))] == [(1, "a"), (3, "b")]


@READERS
def test_gzip_is_recognized_by_its_content(file, read):
    assert [line.id for line in read(file(gzip.compress(TWO)))] == ["a", "b"]


@READERS
@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"{no", "not JSON"),
        (b"[1]", "not an object"),
        (b'{"id": 7}', "got number"),
        (b'{"text": "x"}', "no id; keys: text"),
        (b'{"id": "c", "text": NaN}', "NaN is not JSON"),
        (b'{"id": "c", "text": "\xff"}', "not UTF-8: invalid start byte at byte 21"),
        (b'{"id": "c", "text": "x"},', "not JSON: Extra data (column 25)"),
        (b'{"id": "c", "n": ' + b"9" * 5000 + b"}", "not JSON: an integer of 5000 digits"),
        (b"[" * 100_000, "not JSON: nested too deep"),
    ],
)
def test_a_line_that_is_no_document_names_itself_and_the_others_are_read(file, read, line, why):
    entries = list(read(file(TWO + line + b"\n" + TWO)))

    [(number, error)] = refused(entries)
    assert number == 4
    assert why in error
    assert len(entries) == 5


@READERS
@pytest.mark.parametrize(
    "content", [b"", b" \n\t\r\n", b"\xef\xbb\xbf\n", gzip.compress(b"", mtime=0)]
)
@pytest.mark.parametrize("name", ["article.txt", "feed.jsonl", "feed.csv"])
def test_a_file_that_is_empty_or_blank_has_no_documents(file, read, content, name):
    assert list(read(file(content, name))) == []


@READERS
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_no_part_of_the_first_line(file, read, encoding):
    [ada, bo] = read(file(TWO.decode().encode(encoding)))

    assert (ada.id, bo.id) == ("a", "b")
    assert ada.value == b'{"id": "a", "text": "x"}'


@READERS
@pytest.mark.parametrize("between", [b"\r", b"\r\n", b"\n\r", b"\r\r\n \t\n"])
def test_lines_may_end_in_any_way(file, read, between):
    line = '{"id": "c", "text": "one\u2028two\x85three"}'.encode()
    entries = list(read(file(between.join([line, line, line]))))

    assert [entry.value for entry in entries] == [line] * 3


@READERS
def test_files_with_marks_that_were_joined_are_read(file, read):
    assert [line.id for line in read(file(TWO + b"\xef\xbb\xbf" + TWO))] == ["a", "b", "a", "b"]


@READERS
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (ARRAY, "a JSON array: .* jq -c '.\\[\\]' FILE"),
        (ARRAY.replace(b", {", b",\n{"), "a JSON array"),
        (json.dumps(json.loads(ARRAY), indent=1).encode(), "a JSON array"),
        (ARRAY[:-9], "a JSON array"),
        (b"[]", "a JSON array"),
        (PRETTY, "pretty-printed JSON: .* jq -c . FILE"),
        (PRETTY + b"\n" + PRETTY, "pretty-printed JSON"),
        (PRETTY.replace(b"{\n ", b"{"), "pretty-printed JSON"),
        (PRETTY[:-1], "pretty-printed JSON"),
        (b'{"id": "a",\n "text": "x"}\n' * 2, "pretty-printed JSON"),
    ],
)
def test_json_that_is_not_a_line_each_is_refused_once_by_name(file, read, content, why):
    for marked in (content, b"\xef\xbb\xbf" + content):
        [(number, error)] = refused(read(file(marked)))
        assert number == 1
        assert re.search(why, error)


@pytest.mark.parametrize(
    "content",
    [
        b"Ada left.\nBo came.\n",
        b"id,text\na,x\n",
        b"<p>Ada</p>\n",
        b"data: {}\n\n",
        b"[Oslo] Ada\n",
    ],
)
def test_a_file_without_an_object_of_json_is_refused_once(file, content):
    assert refused(read_lines(file(content))) == [
        (1, "no JSON object in it: one a line is read; only `tagwire tag` reads plain text")
    ]


@READERS
@pytest.mark.parametrize(
    "first",
    [
        b'{"id": "a", "text": "x', b"{", b"{}", b'{"id": "a", "text": "Jos\xe9"}',
        b'{"id": "a", "text": "\xed\xa0\xbd"}', b'{"id": "a", "text": "x", "n": 1e999}',
        b'{"id": "a", "text": "x", "n": Infinity}', b'{"id": "a", "text": "x"},',
        b'{"id": "a", "text": "x"}\0', b'{"id": "a", "text": "x",}', b"{'id': 'a', 'text': 'x'}",
        b'{"id": "a", "text": "x"}{"id": "c", "text": "y"}', b'{"id": "a", "text": "x\ty"}',
    ],
)  # fmt: skip
def test_a_first_line_that_is_broken_does_not_end_the_rest(file, read, first):
    entries = list(read(file(first + b"\n" + TWO)))

    assert [number for number, _ in refused(entries)] == [1]
    assert [entry.id for entry in entries[1:]] == ["a", "b"]


@READERS
@pytest.mark.parametrize(
    "value",
    [
        b'{"id": "a", "text": "x", "metadata": {"n": 123456789012345678901234567890}}',
        b'{"id": "a", "text": "\\ud800"}',
        b' {"id": "a",  "text": "x", "text": "y"}\t',
    ],
)
def test_what_the_worker_takes_is_taken_byte_for_byte(file, read, value):
    [line] = read(file(value + b"\n"))

    assert line.value == value
    assert decode(line.message("documents"), max_document_chars=9).record.id == "a"


def test_a_plain_text_is_one_document_with_the_name_of_the_file(file):
    [line] = read_documents(file("\ufeffAda left.\nBo stayed.".encode(), "article.txt"))

    assert json.loads(line.value) == {"id": "article.txt", "text": "Ada left.\nBo stayed."}


@READERS
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", ["feed.jsonl", "feed.txt"])
def test_utf16_without_a_mark_is_refused_once(file, read, encoding, name):
    content = TWO.decode().encode(encoding)

    assert refused(read(file(content, name))) == [
        (1, "UTF-16 without a byte-order mark; save the file as UTF-8")
    ]


@pytest.mark.parametrize("content", [b"{'id': 'a'}", b'{id: "a"}', b"{}", b"{", b'{\n  "id"'])
def test_what_begins_as_an_object_is_no_text(file, content):
    entries = list(read_documents(file(content, "a.txt")))

    assert len(refused(entries)) == len(entries) > 0


@pytest.mark.parametrize(
    "text",
    ["[Reuters] Ada left.", "[1] Ada left.", "[[Ada]] left.", "{{Infobox}} Ada", "{AFP} Ada"],
)
def test_a_text_that_begins_like_an_array_or_a_template_is_a_text(file, text):
    [line] = read_documents(file(text.encode(), "article.txt"))

    assert json.loads(line.value)["text"] == text


@pytest.mark.parametrize(
    "first", [b'"text": "cut"}', b"# a comment", b"\xef\xbb\xbf\xef\xbb\xbf{}"]
)
def test_lines_of_json_are_read_although_the_first_is_none(file, first):
    entries = list(read_documents(file(first + b"\n" + TWO, "feed")))

    assert [number for number, _ in refused(entries)] == [1]
    assert [entry.id for entry in entries[1:]] == ["a", "b"]


@pytest.mark.parametrize("name", ["feed.jsonl", "feed.ndjson", "feed.jsonl.gz", "FEED.JSONL"])
def test_a_file_that_is_named_for_its_lines_is_never_a_text(file, name):
    assert list(read_documents(file(b"", name))) == []
    assert [number for number, _ in refused(read_documents(file(b"Ada left.\n", name)))] == [1]


def test_a_text_with_a_line_of_json_is_a_text(file):
    content = b'Ada wrote:\n{"id": "a"}\nand left.\n'

    [line] = read_documents(file(content, "article.txt"))

    assert json.loads(line.value)["text"] == content.decode()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_the_mark_of_a_plain_text_is_honored(file, encoding):
    [line] = read_documents(file("José Muñoz left Zürich.".encode(encoding), "article.txt"))

    assert json.loads(line.value)["text"] == "José Muñoz left Zürich."


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("Ada left.\nJosé".encode("latin-1"), "not UTF-8: .* at byte 13, line 2; save .* as UTF-8"),
        ("Ada left.".encode("utf-16-le"), "NUL at byte 1, line 1"),
        ("Ada left.".encode("utf-16") + b"\0", "marked as UTF-16, but it is not"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "looks like PDF; save it as plain text"),
        (b"%PDF-1.4\nplain", "looks like PDF"),
        (b"PK\x03\x04rest", "looks like a zip archive, such as DOCX"),
        (b"BZh91AY&SY", "looks like bzip2"),
        (b"\x28\xb5\x2f\xfdrest", "looks like Zstandard"),
        ("東京は".encode("shift_jis"), "not UTF-8: .* at byte 0, line 1"),
        ("“Ada” left.".encode("cp1252"), "not UTF-8: .* at byte 0, line 1"),
        ("Ada.\r\nМосква".encode("koi8-r"), "not UTF-8: .* at byte 6, line 2"),
    ],
)
def test_what_is_no_text_in_utf8_is_refused_with_the_place(file, content, why):
    [(_, error)] = refused(read_documents(file(content, "article.txt")))

    assert re.search(why, error)


@READERS
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"PK\x03\x04\n\xff\n\xff\n", "looks like a zip archive"),
        (b"\x89PNG\r\n\x1a\n\0", "looks like an image"),
        (b"{\\rtf1 Ada\nleft.}", "looks like RTF; save it as plain text in UTF-8"),
        (PACKED, "looks like gzip inside gzip"),
    ],
)
def test_a_file_of_another_program_is_refused_once_whatever_its_name(file, read, content, why):
    [(number, error)] = refused(read(file(gzip.compress(content), "feed.jsonl")))

    assert number == 1
    assert why in error


@pytest.mark.parametrize("name", ["feed.csv", "FEED.TSV", "feed.csv.gz"])
def test_a_table_is_no_text(file, name):
    [(number, error)] = refused(read_documents(file(b"id,text\n1,Ada left.\n", name)))

    assert (number, "a table (." in error) == (1, True)
    assert [e.id for e in read_documents(file(TWO, name))] == ["a", "b"], "JSON is JSON"


@pytest.mark.parametrize(
    "content",
    [PACKED[:-9], PACKED[:12] + b"\xff" * 20, PACKED[:2]],
    ids=["cut", "garbled", "beginning"],
)
@READERS
def test_a_gzip_file_that_is_broken_cannot_be_read(file, read, content):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        list(read(file(content)))


@READERS
def test_a_file_that_is_not_there_is_told(tmp_path, read):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        list(read(str(tmp_path / "nowhere")))


@READERS
def test_standard_input_is_read_like_a_file(monkeypatch, read):
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(b"\xef\xbb\xbf" + TWO)))

    assert [line.id for line in read("-")] == ["a", "b"]
