"""A labeled file is asked about by document or by sentence, and neither answers for the other."""

import json

import pytest
from support.pipelines import ensemble, pipeline

from ner_core.evaluation.baselines import ENSEMBLE, RULES
from ner_core.modes import Modes
from ner_core.testing import RuleEngine
from streams.evaluation import report
from streams.evaluation.ablations import VARIANTS
from streams.evaluation.answer_log import AnswerLog
from streams.evaluation.asking import ask, keys
from streams.evaluation.tasks import Choice, task_of
from streams.terminal import Progress

TEXTS = [
    ("a", "Ada saw Oslo."), ("a", "Then Bo came."), ("b", "Nobody came."), (None, "Oslo slept."),
]  # fmt: skip


def line(document, text):
    names = [name for name in ("Ada", "Oslo", "Bo ") if name in text]
    entities = [
        {"start": text.index(n), "end": text.index(n) + len(n.strip()), "type": "name"}
        for n in names
    ]
    return json.dumps({"text": text, "doc": document, "entities": entities})


@pytest.fixture
def files(tmp_path):
    test, train = tmp_path / "test.jsonl", tmp_path / "train.jsonl"
    test.write_text("\n".join(line(*text) for text in TEXTS), "utf-8")
    shown = [(None, f"Ada{n} and Bo saw a ferry numbered {n} leave.") for n in range(30)]
    train.write_text("\n".join(line(*text) for text in shown), "utf-8")
    return test, train


def task(files, **choice):
    return task_of(files[0], Choice(files[1], None, **{"limit": None, "seed": 0, **choice}))


async def result(task_, folder, **modes):
    answers = AnswerLog(folder / "answers.jsonl")
    tagging = await pipeline(RuleEngine("one"), verify="off", **modes)
    await ask(task_, tagging, answers, Progress())
    return report.result_of(task_, tagging.ensemble, answers), answers


def test_the_sentences_of_a_document_are_one_question(files):
    whole, apart = task(files, by="document"), task(files, by="sentence")

    assert sorted(query.text for query in whole.queries) == [
        "Ada saw Oslo.\n\nThen Bo came.", "Nobody came.", "Oslo slept.",
    ]  # fmt: skip
    assert whole.sentences == apart.sentences == len(apart.queries) == 4
    assert (whole.by, apart.by) == ("document", "sentence")


def test_a_file_without_documents_is_asked_by_sentence(files):
    files[0].write_text("\n".join(line(None, text) for _, text in TEXTS), "utf-8")

    whole, apart = task(files, by="document"), task(files, by="sentence")

    assert whole == apart
    assert keys(whole, ensemble("one")) == keys(apart, ensemble("one"))


@pytest.mark.parametrize("units", ["sentences", "fields"])
def test_no_answer_about_a_sentence_is_taken_for_one_about_a_document(files, units):
    made = ensemble("one", units=units)
    whole, apart = (set(keys(task(files, by=by), made)) for by in ("document", "sentence"))

    assert len(whole) == 3
    assert not whole & apart


def test_the_limit_counts_sentences_and_documents_stay_whole(files):
    few = task(files, by="document", limit=2)

    assert few.sentences >= 2
    assert len(few.queries) < 3
    assert few.omissions["sentences over the limit"] == 4 - few.sentences


async def test_a_document_is_tagged_whole_and_figures_are_over_documents(files, tmp_path):
    whole = task(files, by="document")
    figures, answers = await result(whole, tmp_path)
    kept = [answers[key] for key in keys(whole, ensemble("one", verify="off"))]

    assert sorted(len(answer["parts"]) for answer in kept) == [1, 1, 2], "split as in the stream"
    assert (figures.by, figures.texts, figures.sentences) == ("document", 3, 4)
    assert figures.rows[ENSEMBLE].gold == figures.rows[RULES].gold == 4
    assert figures.rows["one, single call"].right == 3
    assert figures.line["by"] == "document"
    assert "test: 4 sentences in 3 documents" in report.markdown([figures])


async def test_costs_are_per_sentence_whatever_is_tagged_as_a_whole(files, tmp_path):
    whole = task(files, by="document")
    figures, answers = await result(whole, tmp_path)
    kept = [answers[key] for key in keys(whole, ensemble("one", verify="off"))]
    requests = sum(spent["requests"] for answer in kept for *_, spent in answer["counts"])

    assert figures.cost["requests"] == pytest.approx(requests / 4, abs=0.01)


async def test_a_name_of_the_rules_never_goes_on_in_the_next_sentence(files, tmp_path):
    files[0].write_text("\n".join(line("a", text) for text in ("Oslo", "Ada saw Oslo.")), "utf-8")
    figures, _ = await result(task(files, by="document"), tmp_path)

    assert figures.rows[RULES].right == 3


async def test_a_sentence_is_one_unit_as_ever(files, tmp_path):
    files[0].write_text(line("a", "Ada came. Oslo slept."), "utf-8")
    apart, whole = task(files, by="sentence"), task(files, by="document")
    _, answers = await result(apart, tmp_path)
    await result(whole, tmp_path)
    again = AnswerLog(tmp_path / "answers.jsonl")
    [one], [other] = (keys(t, ensemble("one", verify="off")) for t in (apart, whole))

    assert len(answers[one]["parts"]) == 1
    assert len(again[other]["parts"]) == 2


def test_the_pool_is_all_there_is_unless_its_size_is_named(files):
    assert len(task(files).pool) == 30
    assert len(task(files, pool=7).pool) == 7


def test_consistency_is_a_row_of_the_comparison():
    changed = VARIANTS["one type for a name in a document"]

    assert Modes.model_validate({**Modes().model_dump(), **changed}).consistency


def test_the_comparison_has_a_row_without_the_consistency_of_the_file():
    changed = VARIANTS["each mention of a name alone"]

    modes = Modes.model_validate({**Modes().model_dump(), "consistency": {}})
    assert Modes.model_validate({**modes.model_dump(), **changed}).consistency is None
