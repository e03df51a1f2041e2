"""The commands `html`, `export` and `annotate` on files."""

import errno
import json
from pathlib import Path

import pytest
from support.tagged import ORIGIN, entity, record
from typer.testing import CliRunner

from ner_core.labels import LiveLabelSets
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
    assert f"{records}, line 2: not a record of entities" in said.stderr
    assert "\x1b" not in said.stderr
    assert "Ada</mark> left." in output.read_text("utf-8")


def test_a_folder_that_is_not_there_is_one_line(tmp_path):
    records, feed, _ = written(tmp_path, record(ADA))

    said = tagwire("html", records, "--documents", feed, "-o", tmp_path / "no" / "page.html")

    assert said.exit_code == 1
    assert "page.html cannot be written: No such file or directory" in said.stderr


def test_export_counts_what_the_format_cannot_hold(tmp_path):
    nested = record(ADA, entity(0, 3), entity(0, 8, "work"))
    records, feed, output = written(tmp_path, nested)

    said = tagwire("export", records, "--documents", feed, "--format", "conll", "-o", output)

    assert said.exit_code == 0
    assert "1 nested or overlapping entities" in said.stderr
    assert "B-work" in output.read_text("utf-8")


def test_export_fails_if_a_document_is_left_out_and_writes_the_others(tmp_path):
    lost = record({"id": "b", "text": "Bob."}, entity(0, 3))
    records, feed, output = written(tmp_path, record(ADA, entity(0, 3)), lost)

    said = tagwire("export", records, "--documents", feed, "--format", "conll", "-o", output)

    assert said.exit_code == 1
    assert "1 documents without their text" in said.stderr
    assert "Ada B-person" in output.read_text("utf-8")


ROCKET = {"id": "a", "text": "🚀 Ada left.", "title": "🚀🚀"}


@pytest.mark.parametrize(("option", "span"), [((), [2, 5]), (("--utf16",), [3, 6])])
def test_export_counts_utf_16_code_units_on_request(tmp_path, option, span):
    records, feed, output = written(tmp_path, record(ROCKET, entity(2, 5)))
    feed.write_text(json.dumps(ROCKET), "utf-8")
    arguments = ("--documents", feed, "--format", "jsonl", "-o", output, *option)

    assert tagwire("export", records, *arguments).exit_code == 0
    [found] = json.loads(output.read_bytes())["entities"]
    assert [found["start"], found["end"]] == span


def test_export_refuses_utf_16_where_a_format_has_offsets_of_its_own(tmp_path):
    records, _, output = written(tmp_path, record(ADA))

    said = tagwire("export", records, "--format", "spacy", "--utf16", "-o", output)

    assert said.exit_code == 2
    assert not output.exists()


@pytest.mark.parametrize(
    ("option", "kept"),
    [
        (("--since", "2026-11-26"), {"noon"}),
        (("--until", "2026-11-26T00:00"), {"eve"}),
        (("--since", "2026-11-25", "--until", "2026-11-26T12:00:01"), {"eve", "noon"}),
        (("--since", "2026-11-26", "--until", "2026-11-26T12:00"), set()),
    ],
)
def test_export_takes_the_documents_of_a_period(tmp_path, option, kept):
    sent_ms = {"eve": 1_795_651_199_999, "noon": 1_795_694_400_000}
    values = [
        record({"id": name, "text": "x"}, origin={**ORIGIN, "timestamp_ms": ms})
        for name, ms in sent_ms.items()
    ]
    records, _, output = written(tmp_path, *values)

    said = tagwire("export", records, "--format", "jsonl", "-o", output, *option)

    lines = output.read_bytes().splitlines()
    assert {json.loads(line)["document_id"] for line in lines} == kept
    assert (f"{2 - len(kept)} documents of other times" in said.stderr) == (len(kept) < 2)


def test_annotate_goes_there_and_back(tmp_path):
    records, feed, output = written(tmp_path, record(ADA, entity(0, 8, "work")))
    said = tagwire("annotate", "export", records, "--documents", feed, "-o", output)
    assert said.exit_code == 0
    assert '<Label value="work"/>' in said.stdout

    [task] = json.loads(output.read_bytes())
    [region] = task["predictions"][0]["result"]
    region["value"] |= {"end": 3, "text": "Ada", "labels": ["person"]}
    project = tmp_path / "project.json"
    project.write_text(json.dumps([{**task, "annotations": [{"result": [region]}]}]), "utf-8")
    said = tagwire("annotate", "import", project, "-o", output)

    assert said.exit_code == 0
    assert json.loads(output.read_bytes()) == {
        "id": "a/text/0",
        "text": "Ada left.",
        "entities": [{"start": 0, "end": 3, "type": "person"}],
        "label_set": "news",
    }


def test_annotate_offers_every_type_of_the_label_set_found_or_not(tmp_path):
    records, feed, output = written(tmp_path, record(ADA, entity(0, 8, "work")))

    said = tagwire("annotate", "export", records, "--documents", feed, "-o", output)

    types = LiveLabelSets(None)["news"].ids
    assert len(types) > 1
    for kind in types:
        assert said.stdout.count(f'<Label value="{kind}"/>') == 1
    assert "label set unknown here" not in said.stderr


def test_annotate_names_a_label_set_whose_types_it_does_not_know(tmp_path):
    own = {**ADA, "label_set": "ships"}
    records, feed, output = written(tmp_path, record(own, entity(0, 3, "captain")))
    feed.write_text(json.dumps(own), "utf-8")

    said = tagwire("annotate", "export", records, "--documents", feed, "-o", output)

    assert said.exit_code == 0
    assert said.stdout.count("<Label ") == 1
    assert '<Label value="captain"/>' in said.stdout
    assert "label set unknown here" in said.stderr
    assert "label_set=ships" in said.stderr


def test_annotate_import_names_the_tasks_that_it_cannot_use(tmp_path):
    project = tmp_path / "project.json"
    project.write_text('[{"data": {"text": "Ada"}, "annotations": []}]', "utf-8")

    said = tagwire("annotate", "import", project, "-o", tmp_path / "out.jsonl")

    assert said.exit_code == 1
    assert "task 1: not a task that `tagwire annotate export` wrote" in said.stderr


@pytest.mark.parametrize("form", ["csv", "conll", "jsonl"])
def test_a_dash_is_standard_output(tmp_path, monkeypatch, form):
    records, feed, output = written(tmp_path, record(ADA, entity(0, 3)))
    monkeypatch.chdir(tmp_path)
    options = ("export", records, "--documents", feed, "--format", form, "-o")

    said = tagwire(*options, "-")

    tagwire(*options, output)
    assert said.stdout_bytes == output.read_bytes()
    assert not (tmp_path / "-").exists()


def test_annotate_names_a_file_because_the_interface_is_on_standard_output(tmp_path):
    records, _, _ = written(tmp_path, record(ADA, entity(0, 3)))

    said = tagwire("annotate", "export", records, "-o", "-")

    assert said.exit_code == 2
    assert "name a file" in said.stderr


@pytest.mark.parametrize("place", [0, 1])
def test_what_is_read_is_not_written_over(tmp_path, place):
    files = written(tmp_path, record(ADA, entity(0, 3)))
    records, feed, _ = files
    before = files[place].read_bytes()

    said = tagwire("html", records, "--documents", feed, "-o", files[place])

    assert said.exit_code == 1
    assert "is read, so it would be lost" in said.stderr
    assert files[place].read_bytes() == before


def test_corrections_are_not_written_over_the_project(tmp_path):
    project = tmp_path / "project.json"
    project.write_text("[]", "utf-8")

    said = tagwire("annotate", "import", project, "-o", project)

    assert said.exit_code == 1
    assert project.read_text("utf-8") == "[]"


@pytest.mark.parametrize("until", ["2026-11-25", "2026-11-26"])
def test_a_period_without_a_moment_is_refused(tmp_path, until):
    records, _, output = written(tmp_path, record(ADA, entity(0, 3)))

    said = tagwire("html", records, "-o", output, "--since", "2026-11-26", "--until", until)

    assert said.exit_code == 2
    assert "no document is between them" in said.stderr
    assert not output.exists()


@pytest.fixture
def closed(tmp_path, monkeypatch):
    """A folder that may not be looked into."""

    def refuse(path, looked_at):
        if path.parent.name == "closed":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return looked_at

    stat, read = Path.stat, Path.read_bytes
    monkeypatch.setattr(Path, "stat", lambda path, **how: refuse(path, stat)(path, **how))
    monkeypatch.setattr(Path, "read_bytes", lambda path: refuse(path, read)(path))
    return tmp_path / "closed"


@pytest.mark.parametrize("command", ["html", "export --format csv", "annotate export"])
def test_records_that_may_not_be_read_are_one_line(tmp_path, closed, command):
    said = tagwire(*command.split(), closed / "entities.jsonl", "-o", tmp_path / "x")

    assert said.exit_code == 1
    assert said.stderr == f"tagwire: {closed}/entities.jsonl cannot be read: Permission denied\n"


def test_documents_that_may_not_be_read_are_one_line(tmp_path, closed):
    records, _, output = written(tmp_path, record(ADA, entity(0, 3)))

    said = tagwire("html", records, "--documents", closed / "feed.jsonl", "-o", output)

    assert said.exit_code == 1
    assert said.stderr == f"tagwire: {closed}/feed.jsonl cannot be read: Permission denied\n"


def test_corrections_that_may_not_be_read_are_one_line(tmp_path, closed):
    said = tagwire("annotate", "import", closed / "project.json", "-o", tmp_path / "x")

    assert said.exit_code == 1
    assert said.stderr == f"tagwire: {closed}/project.json cannot be read: Permission denied\n"
