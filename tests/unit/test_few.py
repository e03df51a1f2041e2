"""The table of few demonstrations: what is shown, asked and counted, at every size and score."""

import few
from support.pipelines import ensemble, pipeline

from ner_core.calibration import Calibration
from ner_core.testing import RuleEngine
from streams.evaluation.answer_log import AnswerLog
from streams.evaluation.asking import ask, keys
from streams.evaluation.runs import Run
from streams.evaluation.tasks import task_of
from streams.terminal import Progress

RIGHT = (0, 3, "farm", 0.8)
WRONG = (9, 12, "farm", 0.45)
ARTICLE = few.Article(frozenset({RIGHT[:3], (20, 25, "variety")}), [RIGHT, WRONG])
BY_SCORE = {
    0.4: ("4", "4"), 0.45: ("4", "4"), 0.5: ("3", "4"), 0.55: ("3", "4"), 0.6: ("3", "4"),
    0.7: ("3", "4"), 0.8: ("3", "4"),
}  # fmt: skip
"""Entities found and in the gold."""


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_only_the_first_demonstrations_are_shown_and_articles_are_asked_whole(tmp_path):
    task = task_of(*few.job("coffee", 15, tmp_path))

    assert {one.id for one in task.pool} == {f"coffee-{n:03}" for n in range(1, 16)}
    assert (task.by, len(task.queries), task.sentences) == ("document", 12, 60)
    assert (task.labels.id, dict(task.omissions)) == ("coffee", {})


def test_an_entity_counts_if_its_score_is_at_least_the_one_of_the_line():
    counted = {least: ARTICLE.score(least) for least in (0.0, 0.45, 0.5, 0.8, 0.9)}

    assert [(s.right, s.predicted, s.gold) for s in counted.values()] == [
        (1, 2, 2), (1, 2, 2), (1, 1, 2), (1, 1, 2), (0, 0, 2),
    ]  # fmt: skip


def test_the_table_has_every_set_all_of_them_and_all_by_least_score():
    other = few.Article(frozenset({RIGHT[:3]}), [RIGHT])

    head, _, *lines = few.table({15: {"coffee": [ARTICLE], "rail": [other, other]}})

    assert cells(head)[:3] == ["demonstrations", "set", "least score"]
    assert [cells(line)[:5] for line in lines] == [
        ["15", "coffee", "", "2", "2"],
        ["15", "rail", "", "2", "2"],
        ["15", "all", "", "4", "4"],
        *(["15", "all", str(least), *found] for least, found in BY_SCORE.items()),
    ]
    assert cells(lines[0])[5:] == ["**50.0** (50.0 to 50.0)"] * 3
    assert [cell.split()[0] for cell in cells(lines[2])[5:]] == ["**75.0**"] * 3


async def test_answers_of_engines_become_articles_with_the_scores_of_records(tmp_path):
    task = task_of(*few.job("coffee", 15, tmp_path))
    tagging = await pipeline(RuleEngine("one"), verify="off")
    answers = AnswerLog(tmp_path / "sentences.jsonl")
    await ask(task, tagging, answers, Progress())
    calibration = Calibration(intercept=0.5, slope=0.5, empty=-1)
    asked = ensemble("one", verify="off").model_copy(
        update={"calibration": {"default": calibration}}
    )

    articles = list(few.articles(task, Run([task], asked, answers)))

    assert len(articles) == 12
    assert sum(len(article.gold) for article in articles) == 52
    first = answers[keys(task, asked)[0]]["entities"]
    [raw] = {score for *_, score, _ in first}
    empty = sum(not one.entities for one in task.pool) / 15
    assert {score for article in articles for *_, score in article.found} == {
        round(calibration.of(raw, empty), 4)
    }
