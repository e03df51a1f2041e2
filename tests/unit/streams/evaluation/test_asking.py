"""An evaluation asks each sentence once, compares rows, and tells what it found."""

import json

import pytest

from ner_core import fingerprint
from ner_core.ensemble import Ensemble
from ner_core.errors import EngineBusyError
from ner_core.evaluation.baselines import ENSEMBLE
from ner_core.modes import Consistency
from ner_core.pipeline import Pipeline
from ner_core.stack import Stack
from ner_core.testing import HashEmbedder, RuleEngine, Script
from streams.evaluation import asking, report
from streams.evaluation.ablations import table
from streams.evaluation.answer_log import AnswerLog
from streams.evaluation.asking import ask, keys
from streams.evaluation.tasks import Choice, task_of
from streams.terminal import Progress

CITIES = ("Oslo", "Lima", "Kyoto", "Quito", "Dakar", "Turin", "Perth", "Minsk")


def line(number, city, kind):
    text = f"storm number {number} came from {city} to no port."
    start = text.index(city)
    entity = {"start": start, "end": start + len(city), "type": kind}
    return json.dumps({"id": str(number), "text": text, "entities": [entity]})


@pytest.fixture
def files(tmp_path):
    test, train = tmp_path / "towns.test.jsonl", tmp_path / "towns.train.jsonl"
    test.write_text("\n".join(line(n, c, "town") for n, c in enumerate(CITIES[:4])), "utf-8")
    ferry = (
        '{"id": "a", "text": "a ferry left Varna", "entities":'
        ' [{"start": 13, "end": 18, "type": "town"}]}'
    )
    rain = (
        '{"id": "b", "text": "rain fell on Ada Kern", "entities":'
        ' [{"start": 13, "end": 21, "type": "Person"}]}'
    )
    train.write_text("\n".join([line(9, CITIES[0], "town"), ferry, rain]), "utf-8")
    return test, train


def ensemble(*names, **modes):
    return Ensemble.model_validate(
        {
            "name": "test",
            "verifier": names[0],
            "modes": {"rough_spans": "rules", "demonstrations": 2, "units": "fields", **modes},
            "backbone": [
                {"name": n, "style": "pattern", "context_tokens": 4096, "url": "http://x/v1"}
                for n in names
            ],
            "embedder": {"name": "hashed", "url": "http://x/v1"},
        }
    )


class Run:
    """An evaluation over engines that answer by rules."""

    def __init__(self, files, folder, *engines, **modes):
        self.engines = engines or (RuleEngine("one"), RuleEngine("two", Script(blind=("Oslo",))))
        self.ensemble = ensemble(*(e.model for e in self.engines), **modes)
        self.task = task_of(files[0], Choice(files[1], labels=None, limit=None, seed=0))
        self.path = folder / "kept.jsonl"
        self.kept = AnswerLog(self.path)

    async def result(self):
        engines = {e.model: e for e in self.engines}
        pipeline = Pipeline(
            ensemble=self.ensemble, engines=engines, embedder=HashEmbedder(), label_sets={}
        )
        await ask(self.task, pipeline, self.kept, Progress())
        return report.result_of(self.task, self.ensemble, self.kept)

    @property
    def asked(self):
        return sum(len(e.asked) for e in self.engines)


class Busy(RuleEngine):
    """Has a full queue for its first requests."""

    refusals = 3

    async def answer(self, requests, *, priority=0):
        if self.refusals:
            self.refusals -= 1
            raise EngineBusyError(self.model, "queue full")
        return await super().answer(requests, priority=priority)


async def test_an_engine_that_is_busy_for_a_moment_does_not_end_an_evaluation(files, tmp_path):
    result = await Run(files, tmp_path, Busy("one")).result()

    assert result.sentences == 4


def test_types_are_those_of_the_demonstrations_and_near_duplicates_are_never_shown(files, tmp_path):
    task = Run(files, tmp_path).task

    assert task.name == "towns.test"
    assert task.labels.names == ("person", "town")
    assert task.commonest == "town"
    assert sorted(d.id for d in task.pool) == ["a", "b"]


async def test_every_row_is_scored_on_the_same_sentences(files, tmp_path):
    result = await Run(files, tmp_path).result()

    assert result.sentences == 4
    assert {row: told.gold for row, told in result.rows.items()} == dict.fromkeys(result.rows, 4)
    assert set(result.rows) == {
        "rules",
        "one, single call",
        "two, single call",
        "EL4NER, one only",
        "EL4NER, two only",
        "union of single calls",
        "majority of single calls",
        "EL4NER, intersection",
        "EL4NER, without verification",
        ENSEMBLE,
    }
    assert result.rows["one, single call"].span_f1 == 100.0
    assert result.rows["two, single call"].predicted == 3
    assert result.rows["union of single calls"].predicted == 4
    assert result.rows["majority of single calls"].predicted == 3
    assert result.rows["EL4NER, intersection"].predicted == 3
    assert result.rows[ENSEMBLE].predicted == 4


async def test_a_second_run_asks_nothing_and_tells_the_same(files, tmp_path):
    first = await Run(files, tmp_path).result()
    again = Run(files, tmp_path)

    assert await again.result() == first
    assert again.asked == 0


async def test_a_run_that_was_cut_off_goes_on(files, tmp_path):
    first = Run(files, tmp_path)
    await first.result()
    path = tmp_path / "kept.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2]) + lines[2][:40])

    second = Run(files, tmp_path)
    result = await second.result()

    assert 0 < second.asked < first.asked
    assert result.sentences == 4
    assert sum(key in AnswerLog(path) for key in keys(second.task, second.ensemble)) == 4


async def test_another_demonstration_asks_anew(files, tmp_path):
    await Run(files, tmp_path).result()
    with files[1].open("a", encoding="utf-8") as train:
        train.write('\n{"text": "a gale hit Bergen before noon", "entities": []}')
    again = Run(files, tmp_path)

    await again.result()

    assert again.asked > 0


MODES_OF_RULES = {
    "border_words": True,
    "bias_mentions": 4,
    "consistency": Consistency(),
    "names_in_context": True,
}


def with_all_rules(ensemble):
    modes = ensemble.modes.model_copy(update=MODES_OF_RULES)
    stacks = {"default": Stack(intercept=0.0, weights={})}
    return ensemble.model_copy(update={"modes": modes, "stacks": stacks})


@pytest.mark.parametrize(
    ("module", "version"),
    [
        (asking, "SPLITTER"),
        *((fingerprint, version) for version in ("RULES", "NAMES", "GROUNDING", "MARKUP")),
        *((fingerprint, version) for version in ("BORDERS", "LABEL_BIAS", "CONSISTENCY")),
        *((fingerprint, version) for version in ("IN_CONTEXT", "SAMPLE", "WRONG_BORDERS")),
        (fingerprint, "STACKING"),
    ],
)
def test_another_version_of_a_rule_asks_again(files, tmp_path, monkeypatch, module, version):
    run = Run(files, tmp_path)
    ensemble = with_all_rules(run.ensemble)
    before = keys(run.task, ensemble)

    monkeypatch.setattr(module, version, "another")

    assert not set(before) & set(keys(run.task, ensemble))


def test_a_stack_of_another_label_set_asks_nothing_again(files, tmp_path):
    run = Run(files, tmp_path)
    stack = Stack(intercept=0.0, weights={"mean": 1.0})
    of = {
        name: run.ensemble.model_copy(update={"stacks": {name: stack}})
        for name in (run.task.labels.id, "ships")
    }

    assert keys(run.task, of["ships"]) == keys(run.task, run.ensemble)
    assert keys(run.task, of[run.task.labels.id]) != keys(run.task, run.ensemble)


async def test_errors_name_what_is_missed_and_what_is_invented(files, tmp_path):
    run = Run(files, tmp_path, RuleEngine("one", Script(blind=("Oslo",))))
    await run.result()

    missed, _ = report.errors(run.task, run.ensemble, run.kept)

    assert missed["Oslo", "town"] == 1


async def test_what_the_pool_alone_named_is_in_all_rows_of_the_ensemble_but_that_of_the_models(
    files, tmp_path
):
    train = json.loads(files[1].read_text("utf-8").splitlines()[1])
    train |= {"text": "a ferry left Oslo", "entities": [{"start": 13, "end": 17, "type": "town"}]}
    with files[1].open("a", encoding="utf-8") as file:
        file.write("\n" + json.dumps(train | {"id": "c"}))
    blind = RuleEngine("one", Script(blind=("Oslo",)))
    result = await Run(files, tmp_path, blind, pool_votes=True).result()

    found = {row: told.predicted for row, told in result.rows.items() if row.startswith("EL4NER")}
    assert found["EL4NER, without pool vote"] == 3
    assert found["EL4NER, without verification"] == found[ENSEMBLE] == 4


async def test_the_report_has_data_a_table_and_a_picture(files, tmp_path):
    result = await Run(files, tmp_path).result()

    data, table, picture, stacks = report.write(tmp_path, [result])

    assert json.loads(data.read_bytes())[0]["rows"][ENSEMBLE]["gold"] == 4
    assert f"| towns.test | {ENSEMBLE} |" in table.read_text("utf-8")
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert stacks.read_text("utf-8") == "# No file has enough entities for a stack.\n"
    assert {"precision", "recall", "f1", "span_f1", "sentences"} <= result.line.keys()


async def test_the_report_tells_the_calibration_that_would_fit(files, tmp_path):
    run = Run(files, tmp_path)
    plain = report.markdown([await run.result()])
    half = {"calibration": {"default": {"intercept": 0.0, "slope": 0.0}}}
    run.ensemble = Ensemble.model_validate({**run.ensemble.model_dump(), **half})
    kept = len(run.path.read_bytes())

    calibrated = await run.result()

    assert "fitted to them: intercept = " in plain
    assert {one.calibrated for one in calibrated.scored} == {0.5}
    assert {one.raw for one in calibrated.scored} != {0.5}
    assert len(run.path.read_bytes()) == kept, "a calibration asks nothing anew"


async def test_a_comparison_tells_all_rows_once_and_the_ensemble_of_every_variant(files, tmp_path):
    result = await Run(files, tmp_path).result()

    lines = list(table({"as it is": [result], "changed": [result]}))

    assert lines[0].startswith("| variant | row | towns.test |")
    assert len(lines) == 2 + len(result.rows) + 1
    assert lines[-1].startswith(f"| changed | {ENSEMBLE} | ")


async def test_the_share_of_empty_demonstrations_is_that_of_the_pool_that_was_asked(
    files, tmp_path
):
    empty = json.dumps({"id": "c", "text": "no port was open by then", "entities": []})
    files[1].write_text("\n".join([files[1].read_text("utf-8"), empty, empty]), "utf-8")

    result = await Run(files, tmp_path).result()

    assert {one.empty_share for one in result.scored} == {1 / 3}
