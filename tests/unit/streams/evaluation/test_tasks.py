"""What is asked about a file: types match whatever their case, and nothing is left out unsaid."""

import json
from pathlib import Path

import pytest
from support.pipelines import ensemble, pipeline

from ner_core.errors import ConfigurationError
from ner_core.testing import RuleEngine
from streams.evaluation import report, runs
from streams.evaluation.answer_log import AnswerLog
from streams.evaluation.asking import ask
from streams.evaluation.tasks import Choice, names_of, task_of
from streams.terminal import Progress

TEXT = "Ada saw Oslo yesterday evening."


def record(text=TEXT, kinds=("PER", "LOC")):
    spans = zip((("Ada"), "Oslo"), kinds, strict=False)
    entities = [
        {"start": text.index(name), "end": text.index(name) + len(name), "type": kind}
        for name, kind in spans
    ]
    return {"text": text, "entities": entities}


@pytest.fixture
def file(tmp_path):
    def write(name, *records):
        path = tmp_path / name
        path.write_text("\n".join(json.dumps(r) for r in records), "utf-8")
        return path

    return write


@pytest.fixture
def labels(tmp_path):
    def write(*ids):
        path = tmp_path / "own.toml"
        path.write_text("".join(f'[[type]]\nid = "{i}"\nname = "n{i}"\n' for i in ids), "utf-8")
        return path

    return write


def chosen(train, labels=None, **more):
    return Choice(train, labels, **{"limit": None, "seed": 0, **more})


TRAIN = record("Ada, Bo and Oslo were never seen in one place.")


@pytest.mark.parametrize(
    ("kinds", "why"),
    [
        ((), "no types"),
        (("none",), "'none' is reserved"),
        (("loc", "location"), "is the beginning"),
    ],
)
def test_demonstrations_whose_types_are_no_label_set_are_named_with_the_remedy(file, kinds, why):
    test, train = file("a.jsonl", record()), file("b.jsonl", record(kinds=kinds))

    with pytest.raises(ConfigurationError, match=rf"b\.jsonl: .* give one \(--labels\): .*{why}"):
        task_of(test, chosen(train))


@pytest.mark.parametrize("ids", [("PER", "LOC"), ("per", "loc"), ("Per", "Loc")])
@pytest.mark.parametrize("kinds", [("PER", "LOC"), ("per", "loc")])
def test_types_match_the_ids_of_a_label_set_whatever_their_case(file, labels, ids, kinds):
    test, train = file("a.jsonl", record(kinds=kinds)), file("b.jsonl", TRAIN)

    task = task_of(test, chosen(train, labels(*ids)))

    assert [e.type for q in task.queries for e in q.entities] == list(ids)
    assert [e.type for d in task.pool for e in d.entities] == list(ids)
    assert task.commonest in ids
    assert not task.omissions


def test_a_file_with_none_of_the_types_is_refused_before_anything_is_asked(file, labels):
    test, train = file("a.jsonl", record()), file("b.jsonl", TRAIN)
    other = file("c.jsonl", record(kinds=("ship", "port")))

    with pytest.raises(ConfigurationError, match=r"a\.jsonl: none of its types \(loc, per\) is in"):
        task_of(test, chosen(other))
    with pytest.raises(ConfigurationError, match=r"b\.jsonl: none of its types .*\(ship, port\)"):
        task_of(other, chosen(train, labels("ship", "port")))


def test_ids_that_differ_in_case_alone_are_refused(file, labels):
    test, train = file("a.jsonl", record()), file("b.jsonl", TRAIN)

    with pytest.raises(ConfigurationError, match="differ in case alone: PER, per"):
        task_of(test, chosen(train, labels("PER", "per")))


def test_what_is_left_out_is_counted(file, labels):
    long = record("Ada " + "word " * 100 + "Oslo")
    test = file("a.jsonl", record(), record(), long, {"text": "No", "entities": []})
    train = file("b.jsonl", TRAIN, long, record(), record("Ada, Oslo", ("ship", "per")))

    task = task_of(test, chosen(train, labels("per"), limit=1))

    assert task.omissions == {
        "sentences under 3 characters": 1,
        "sentences over 400 characters": 1,
        "sentences over the limit": 1,
        "entities of types that are not asked for (loc)": 3,
        "entities of demonstrations of types that are not asked for (loc, ship)": 4,
        "demonstrations under 15 characters": 1,
        "demonstrations over 400 characters": 1,
    }


def test_nested_and_discontinuous_entities_are_counted(file, tmp_path):
    (tmp_path / "a.txt").write_text("North and South Korea.", "utf-8")
    annotations = tmp_path / "a.ann"
    annotations.write_text("T1\tLOC 0 5;16 21\tNorth Korea\nT2\tLOC 10 21\tSouth Korea\n", "utf-8")
    train = file("b.jsonl", TRAIN)

    flat, kept = (task_of(annotations, chosen(train, nested=n)) for n in ("flat", "keep"))

    assert flat.omissions["nested entities, of which the outermost count"] == 1
    assert kept.omissions["nested entities"] == 1
    assert kept.omissions["discontinuous entities, read from first to last part"] == 1


async def test_the_report_has_what_is_left_out(file, tmp_path):
    long = record("Ada " + "word " * 100 + "Oslo")
    task = task_of(file("a.jsonl", long, record()), chosen(file("b.jsonl", TRAIN)))
    answers = AnswerLog(tmp_path / "answers.jsonl")
    await ask(task, await pipeline(RuleEngine("one")), answers, Progress())

    result = report.result_of(task, ensemble("one"), answers)

    said = "- a: left out, or not as in the file: sentences over 400 characters: 1"
    assert said in report.markdown([result])
    assert result.line["omissions"] == {"sentences over 400 characters": 1}


def test_a_file_without_a_sentence_to_ask_about_is_refused(file):
    long = record("Ada " + "word " * 100 + "Oslo")

    with pytest.raises(ConfigurationError, match=r"a\.jsonl: no sentence .* over 400 .*: 1"):
        task_of(file("a.jsonl", long), chosen(file("b.jsonl", TRAIN)))


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["a/dev.jsonl", "b/test.conll.gz"], ["dev", "test"]),
        (["a/test.jsonl", "b/test.jsonl"], ["a/test.jsonl", "b/test.jsonl"]),
        (
            ["x/a/test.jsonl", "y/a/test.jsonl", "dev.jsonl"],
            ["x/a/test.jsonl", "y/a/test.jsonl", "dev"],
        ),
        (["a/test.jsonl", "a/test.conll"], ["test.jsonl", "test.conll"]),
        (["test", "test.jsonl"], ["WORK/test", "test.jsonl"]),
        (["/a/test.jsonl", "/a/test.jsonl"], ["test", "test"]),
        (["/test.jsonl", "/a/test.jsonl"], ["//test.jsonl", "a/test.jsonl"]),
    ],
)
def test_files_are_called_by_what_tells_them_apart(tmp_path, monkeypatch, paths, names):
    monkeypatch.chdir(tmp_path)

    expected = [name.replace("WORK", tmp_path.name) for name in names]
    assert names_of(list(map(Path, paths))) == expected


async def test_the_report_tells_files_of_one_name_apart(tmp_path, file, monkeypatch):
    async def ask_nothing(*_):
        pass

    monkeypatch.setattr(runs, "_ask", ask_nothing)
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    choice = chosen(file("train.jsonl", TRAIN))
    files = [(file(f"{folder}/test.jsonl", record()), choice) for folder in ("a", "b")]

    [run] = await runs.evaluate(files, None, tmp_path / "out")

    assert [task.name for task in run.tasks] == ["a/test.jsonl", "b/test.jsonl"]
