"""What the benchmark of cost asks in each row, and what its table makes of the answers."""

from collections import defaultdict

import pytest
from bench import cost
from bench.cost_table import HEAD, NAIVE, UNVERIFIED, Measured, figures_of, lines_of, with_totals
from support.pipelines import POOL

from ner_core.ensemble import load_ensemble
from ner_core.errors import EngineError
from ner_core.evaluation.scores import Score
from ner_core.labels import SHIPPED, load_label_sets
from ner_core.ports import Request
from ner_core.testing import ScriptedEngine
from ner_core.types import Demonstration, Span, StageCounts, TypedSpan
from streams.evaluation.answer_log import AnswerLog
from streams.evaluation.tasks import Task
from streams.terminal import Progress

NEWS = load_label_sets(SHIPPED)["news"]
TEXTS = (
    "Ada Kern met Bo Falk in Varna.\n\nCy Moor left Lindholm Bank for Varna.",
    "Dee Park saw Ada Kern.\n\nThen it rained on Lindholm.",
)
ONE_PREFIX, BY_RULES, PER_DOCUMENT = list(cost.ROWS)[1:]


def task():
    queries = tuple(
        Demonstration(f"q{n}", text, (TypedSpan(Span(0, 8), "person"),), "news")
        for n, text in enumerate(TEXTS)
    )
    return Task(
        *("small.dev", NEWS, queries, tuple(POOL)),
        commonest="person",
        nested="flat",
        by="document",
        sentences=4,
    )


def ensembles(server):
    """The rows of the shipped file, at another address."""
    shipped = load_ensemble(cost.ENSEMBLE)
    return cost.rows_of(
        shipped.model_copy(
            update={
                "backbone": tuple(
                    b.model_copy(update={"url": server.url}) for b in shipped.backbone
                ),
                "embedder": shipped.embedder.model_copy(update={"url": server.url}),
            }
        )
    )


@pytest.fixture
async def server():
    names = [model.name for model in load_ensemble(cost.ENSEMBLE).models]
    async with ScriptedEngine(tuple(names)) as running:
        yield running


async def asked(server, log, rows=tuple(cost.ROWS)):
    every = ensembles(server)
    made = {row: every[row] for row in rows}
    await cost.ask([task()], made, log, Progress())
    return {row: log[cost.key_of(row, task(), ensemble)] for row, ensemble in made.items()}


def requests(answer):
    found = defaultdict(int)
    for stage, _, counts in answer["counts"]:
        found[stage] += counts["requests"]
    return found


def cached(answer, *stages):
    """The cached tokens of some stages, or of all."""
    return sum(
        counts["cached_tokens"]
        for stage, _, counts in answer["counts"]
        if not stages or stage in stages
    )


async def test_every_row_asks_what_its_name_says(server, tmp_path):
    answers = await asked(server, AnswerLog(tmp_path / "log"))
    by_row = {row: requests(answer) for row, answer in answers.items()}
    stages = {row: {s for s, number in found.items() if number} for row, found in by_row.items()}

    assert stages[NAIVE] == {"rough", "extract", "classify", "verify"}
    assert stages[ONE_PREFIX] == stages[NAIVE] | {"bias"}
    assert stages[BY_RULES] == stages[PER_DOCUMENT] == stages[ONE_PREFIX] - {"rough"}
    assert {found["extract"] for found in by_row.values()} == {2 * 4}


async def test_the_last_row_is_the_ensemble_as_it_ships(server):
    shipped = load_ensemble(cost.ENSEMBLE).modes

    assert ensembles(server)[PER_DOCUMENT].modes == shipped
    assert shipped.model_copy(update=cost.OF_THE_PAPER) == ensembles(server)[NAIVE].modes


async def test_demonstrations_are_shared_by_the_sentences_of_a_document_in_the_last_row_alone(
    server, tmp_path
):
    answers = await asked(server, AnswerLog(tmp_path / "log"), [BY_RULES, PER_DOCUMENT])

    assert cached(answers[PER_DOCUMENT], "extract") > cached(answers[BY_RULES], "extract")


async def test_the_prefix_caches_are_cold_when_a_row_begins(server, tmp_path):
    first = await asked(server, AnswerLog(tmp_path / "one"), [NAIVE, PER_DOCUMENT])
    again = await asked(server, AnswerLog(tmp_path / "two"), [NAIVE, PER_DOCUMENT])

    assert {row: cached(first[row]) for row in first} == {row: cached(again[row]) for row in again}
    assert cached(first[NAIVE]) > 0


async def test_every_prompt_travels_alone_and_none_is_answered_from_a_store(server):
    question = Request("Text: Ada Kern left.\nNames:", 8)
    async with cost.cold(ensembles(server)[NAIVE], "127.0.0.1") as (engines, _):
        before = server.bodies
        for engine in engines.values():
            await engine.answer([question] * 3)

    assert server.bodies - before == 3 * len(engines)


async def test_a_row_that_is_stored_is_not_asked_again(server, tmp_path):
    before = await asked(server, AnswerLog(tmp_path / "log"), [NAIVE, PER_DOCUMENT])
    requests_before = server.requests
    after = await asked(server, AnswerLog(tmp_path / "log"), [NAIVE, PER_DOCUMENT])

    assert after == before
    assert server.requests == requests_before


async def test_a_run_that_was_cut_off_goes_on_with_the_row_it_was_cut_off_in(server, tmp_path):
    server.faults.refuse_on, server.faults.status = "You list the names", 400
    with pytest.raises(EngineError):
        await asked(server, AnswerLog(tmp_path / "log"), [PER_DOCUMENT, NAIVE])
    server.faults.refuse_on = ""
    requests_before = server.requests
    await asked(server, AnswerLog(tmp_path / "log"), [PER_DOCUMENT])
    assert server.requests == requests_before

    answers = await asked(server, AnswerLog(tmp_path / "log"), [PER_DOCUMENT, NAIVE])

    assert requests(answers[NAIVE])["rough"] == 2 * 4


def measured(name, *, sentences, found, elected=(), **tokens):
    counts = {
        stage: StageCounts(requests=calls, prompt_tokens=prompt, cached_tokens=cached)
        for stage, (calls, prompt, cached) in tokens.items()
    }
    return Measured(name, sentences, found, elected or found, counts)


def rows():
    right, wrong = Score(1, 1, 1), Score(0, 0, 1)
    spent = {"extract": (10, 900, 100), "verify": (10, 400, 200)}
    return {
        NAIVE: [
            measured("a", sentences=10, found=[wrong, right], elected=[right, right], **spent),
            measured("b", sentences=30, found=[wrong], elected=[wrong], **spent),
        ],
        ONE_PREFIX: [
            measured("a", sentences=10, found=[right, right], extract=(10, 900, 650)),
            measured("b", sentences=30, found=[right], extract=(10, 900, 850)),
        ],
    }


def cells(lines):
    """The table by row and set, as text by column."""
    split = [[cell.strip() for cell in line[1:-1].split("|")] for line in lines if "|" in line]
    return {(row[0], row[1]): dict(zip(HEAD, row, strict=True)) for row in split[2:]}


def test_tokens_and_calls_are_per_sentence_and_their_ratio_is_to_naive():
    table = cells(lines_of(rows()))

    assert list(table[NAIVE, "a"].values())[2:8] == ["2.0", "130", "30", "100", "0", "1.00"]
    assert list(table[ONE_PREFIX, "a"].values())[2:8] == ["1.0", "90", "65", "25", "0", "0.25"]


def test_all_sets_together_are_sums_over_all_sentences():
    table = cells(lines_of(rows()))

    assert table[NAIVE, "all"]["computed"] == "50"
    assert table[ONE_PREFIX, "all"]["computed"] == "8"
    assert table[ONE_PREFIX, "all"]["computed / naive"] == "0.15"
    assert "all: 40 in 3" in "\n".join(lines_of(rows()))


def test_naive_without_stage_4_has_neither_its_calls_nor_its_verdicts():
    table = cells(lines_of(rows()))

    assert table[UNVERIFIED, "a"]["calls"] == "1.0"
    assert table[UNVERIFIED, "a"]["computed / naive"] == "0.80"
    assert table[UNVERIFIED, "a"]["F1"].startswith("100.0 ")
    assert table[NAIVE, "a"]["F1"].startswith("66.7 ")


def test_f1_is_set_beside_both_forms_of_naive():
    table = cells(lines_of(rows()))

    assert table[ONE_PREFIX, "a"]["F1 − naive"].startswith("+33.3 (+0.0 to ")
    assert table[ONE_PREFIX, "a"][f"F1 − {UNVERIFIED}"] == "+0.0 (+0.0 to +0.0)"


def test_the_line_of_the_results_has_every_row_over_all_sets():
    told = figures_of(rows()).split("; ")

    assert [line.partition(":")[0] for line in told] == [*list(with_totals(rows()))]
    assert "8 tokens a sentence computed (0.15)" in told[-1]


async def test_what_is_stored_is_read_as_scores_by_document(server, tmp_path):
    answers = await asked(server, AnswerLog(tmp_path / "log"), [NAIVE])
    row = Measured.of(task(), answers[NAIVE])

    assert [score.gold for score in row.found] == [1, 1]
    assert row.spent.requests == sum(requests(answers[NAIVE]).values())
    assert sum(score.predicted for score in row.found) == sum(map(len, answers[NAIVE]["found"]))
