"""JSON with something around it is refused once by name, and never an article made of JSON."""

import gzip
import json
import re
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.entries import READERS, refused

from ner_core.errors import DocumentError
from streams.client.content import is_json, plain_text, refusal
from streams.client.files import read_documents
from streams.client.framing import framing_refusal

ADA = b'{"id": "a", "text": "Ada left."}'
BO = b'{"id": "b", "text": "Bo came."}'
KEYED = b"a\t" + ADA + b"\nb\t" + BO + b"\n"
EVENTS = b": hello\n\nevent: document\nid: 1\ndata: " + ADA + b"\n\ndata: " + BO + b"\n\n"
FENCED = b"```json\n" + ADA + b"\n" + BO + b"\n```\n"


@READERS
@pytest.mark.parametrize("name", ["article.txt", "feed.jsonl", "feed.json", "feed"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (KEYED, "keys before JSON, as kafka-console-.*: cut -f 2- FILE"),
        (KEYED + b"c\tnull\n", "keys before JSON, as kafka-console-.*print.key=false"),
        (b"CreateTime:1\ta\t" + ADA, "keys before JSON, as kafka-console-.*print.key"),
        (EVENTS, "server-sent events: .*sed -n 's/.data: .//p' FILE"),
        (b"data:" + ADA + b"\n\ndata: [DONE]\n\n", "server-sent events: "),
        (b'data: {\ndata: "id": "a"}\n\n', "server-sent events: "),
        (b"data: [" + ADA + b"]\n\n", "server-sent events: "),
        (b"\x1e" + ADA + b"\n\x1e" + BO + b"\n", r"JSON text sequences .*tr -d '.036'"),
        (FENCED, "JSON in a fence: .*remove the lines of the fence"),
        (FENCED.replace(b"\n", b"\r\n"), "JSON in a fence: .*jq -c . FILE"),
        (b"```\n[" + ADA + b"]\n```", "JSON in a fence: "),
        (b"~~~\n" + ADA + b"\n~~~\n", "JSON in a fence: "),
    ],
)
def test_json_with_something_around_it_is_refused_once_by_name(file, read, content, said, name):
    for written in (content, b"\xef\xbb\xbf" + content, gzip.compress(content)):
        [entry] = read(file(written, name))
        [(number, error)] = refused([entry])
        assert number == 1
        assert re.match(said, error)
        assert ": one object a line is read; " in error


@pytest.mark.parametrize(
    "content",
    [
        b'Ada wrote:\n{"id": "a"}\nand left.\n',
        b"Ada wrote:\na\t" + ADA + b"\nand left.\n",
        b"Ada wrote:\n\n" + FENCED + b"\nand left.\n",
        FENCED + b"\nThis is what Ada sent.\n",
        FENCED + b"\nThis is what Bo answered.\n\n" + FENCED,
        b"Ada saw this:\ndata: " + ADA + b"\n",
        b"data: what Ada collected\nid: a number\n",
        b"Name\tCity\nAda\tOslo\n",
        b"```\nAda left.\n```\n",
        b"Ada\t{sic} left.\n",
        b"Ada \x1b[1mKern\x1b[0m left.\n",
    ],
)
def test_a_text_that_holds_some_of_it_is_a_text(file, content):
    [line] = read_documents(file(content, "article.txt"))

    assert json.loads(line.value)["text"] == content.decode()


@pytest.mark.parametrize("name", ["a.json", "a.jsonlines", "a.json-seq", "A.JSON", "a.json.gz"])
@pytest.mark.parametrize("content", [b"Ada left.\n", b"id: a\ntext: Ada left.\n"])
def test_a_file_that_is_named_for_json_and_holds_no_object_is_refused_once(file, name, content):
    assert refused(read_documents(file(content, name))) == [
        (1, "no JSON object in it: one a line is read; only `tagwire tag` reads plain text")
    ]
    assert [line.id for line in read_documents(file(ADA + b"\n" + BO, name))] == ["a", "b"]


@pytest.mark.parametrize("name", ["a.json.txt", "json", "a.jsonld", "package-json"])
def test_a_text_whose_name_is_not_that_of_json_is_a_text(file, name):
    assert [line.id for line in read_documents(file(b"Ada left.\n", name))] == [name]


@pytest.mark.parametrize(
    ("text", "at", "line"), [("東京へ行く", 0, 1), ("Ada\n東京", 4, 2), ("Ada ﾐ", 4, 1)]
)
@pytest.mark.parametrize("encoding", ["iso2022_jp", "iso2022_jp_3"])
def test_iso_2022_jp_is_refused_as_an_encoding_that_is_not_utf8(file, text, at, line, encoding):
    content = text.replace("ﾐ", "ミ").encode(encoding)

    [(_, error)] = refused(read_documents(file(content, "article.txt")))

    place = f"an escape at byte {at}, line {line}"
    assert error == f"not UTF-8 but ISO-2022-JP: {place}; save the file as UTF-8"


def test_the_older_escapes_of_iso_2022_jp_are_known(file):
    for escape in (b"\x1b$@", b"\x1b$B", b"\x1b(J"):
        [(_, error)] = refused(read_documents(file(b"Ada " + escape + b"8l", "article.txt")))
        assert "not UTF-8 but ISO-2022-JP" in error


PIECES = (
    b"\t", b"\n", b"\r\n", b"\x1e", b"{", b"}", b'"', b"[", b"]", b"```", b"data: ", b"event:",
    b"a", b": ", b"null", ADA, BO, b"\x1b$B", b"\xef\xbb\xbf", b"\0", b"\xff", b" ", b"~~~",
)  # fmt: skip


@settings(
    max_examples=1000,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=4)), max_size=12))
def test_any_content_is_json_or_a_text_or_refused(pieces):
    content = b"".join(pieces)
    try:
        outcome = refusal(content) if is_json(content, "article.txt") else plain_text(content)
    except DocumentError as exc:
        outcome = exc

    assert outcome is None or isinstance(outcome, str | DocumentError)


def test_a_long_run_of_blanks_behind_a_fence_takes_no_time():
    began = time.process_time()

    assert framing_refusal(b"```" + b" " * 20_000 + b"!\n{}") is None
    assert time.process_time() - began < 1
