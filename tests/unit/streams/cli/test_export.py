"""The command `html` on files."""

import json

from support.tagged import entity, record
from typer.testing import CliRunner

from streams.cli.app import cli
from streams.wire.codec import encode

ADA = {"id": "a", "text": "Ada left."}


def tagwire(*arguments, text=None):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], input=text)


def written(folder, *records):
    path = folder / "entities.jsonl"
    path.write_bytes(b"".join(encode(r.model_dump()) + b"\n" for r in records))
    (folder / "feed.jsonl").write_text(json.dumps(ADA), "utf-8")
    return path, folder / "feed.jsonl", folder / "page.html"


def test_html_writes_a_page_and_says_what_is_on_it(tmp_path):
    records, feed, output = written(tmp_path, record(ADA, entity(0, 3)))

    said = tagwire("html", records, "--documents", feed, "-o", output)

    assert said.exit_code == 0
    assert "1 documents, 1 entities" in said.stderr
    assert not said.stdout
    assert 'data-place="text 0–3">Ada</mark> left.' in output.read_text("utf-8")


def test_html_reads_records_from_standard_input(tmp_path):
    records, feed, output = written(tmp_path, record(ADA, entity(0, 3)))

    said = tagwire("html", "-", "--documents", feed, "-o", output, text=records.read_text("utf-8"))

    assert said.exit_code == 0
    assert "Ada</mark> left." in output.read_text("utf-8")


def test_html_without_the_texts_says_so_and_how_to_name_them(tmp_path):
    records, _, output = written(tmp_path, record(ADA, entity(0, 3)))

    said = tagwire("html", records, "-o", output)

    assert said.exit_code == 0
    assert "1 of 1: not among the documents; name their file or topic" in said.stderr
    assert "--documents documents" in said.stderr


def test_html_refuses_what_is_no_record_and_shows_the_others(tmp_path):
    records, feed, output = written(tmp_path, record(ADA, entity(0, 3)))
    records.write_bytes(records.read_bytes() + b"no \x1b[31mJSON")

    said = tagwire("html", records, "--documents", feed, "-o", output)

    assert said.exit_code == 1
    assert "line 2: not a record of entities" in said.stderr
    assert "\x1b" not in said.stderr
    assert "Ada</mark> left." in output.read_text("utf-8")


def test_a_folder_that_is_not_there_is_one_line(tmp_path):
    records, feed, _ = written(tmp_path, record(ADA))

    said = tagwire("html", records, "--documents", feed, "-o", tmp_path / "no" / "page.html")

    assert said.exit_code == 1
    assert "page.html cannot be written: No such file or directory" in said.stderr
