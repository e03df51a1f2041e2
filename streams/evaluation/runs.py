"""Runs of an evaluation: ask what has no stored answer, then report."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
from rich.console import Console

from ner_core.ensemble import Ensemble, load_ensemble
from ner_core.modes import Modes
from streams.client.patience import Patience
from streams.evaluation import report
from streams.evaluation.ablations import VARIANTS, table
from streams.evaluation.answer_log import AnswerLog
from streams.evaluation.asking import ask, keys
from streams.evaluation.tasks import Choice, Task, names_of, task_of
from streams.host.folders import writing
from streams.local.engines import engines_there
from streams.pipeline_factory import connect
from streams.settings import Settings, load_settings
from streams.terminal import Progress, clean, write_data

_SHOWN_ERRORS = 30
_AS_IT_IS: Sequence[Mapping[str, object]] = ({},)


@dataclass(frozen=True, slots=True)
class Run:
    """Files, the ensemble that was asked about them, and its stored answers."""

    tasks: Sequence[Task]
    ensemble: Ensemble
    answers: AnswerLog

    @property
    def missing(self) -> int:
        """Number of sentences and documents without a stored answer."""
        return sum(key not in self.answers for t in self.tasks for key in keys(t, self.ensemble))


async def evaluate(
    files: Sequence[tuple[Path, Choice]],
    ensemble_file: Path | None,
    output: Path,
    variants: Sequence[Mapping[str, object]] = _AS_IT_IS,
) -> list[Run]:
    """Ask about what has no stored answer; starts engines only if there are any.

    There is a run for each of the ``variants``: changes to the modes of the ensemble file, or
    ``prompts``, a folder of other templates.

    Raises:
        ConfigurationError: a file cannot be read, or something cannot be started.
        EngineError: an engine gave no answer.
    """
    settings = load_settings(**({"ensemble": ensemble_file} if ensemble_file else {}))
    ensemble = load_ensemble(settings.ensemble)
    names = names_of([path for path, _ in files])
    tasks = [replace(task_of(*file), name=name) for file, name in zip(files, names, strict=True)]
    answers = AnswerLog(output / "sentences.jsonl")
    runs = [Run(tasks, _changed(ensemble, modes), answers) for modes in variants]
    if missing := sum(run.missing for run in runs):
        with Progress() as progress:
            progress.log("evaluation", f"{missing} questions to ask; answers go to {output}")
            await _ask(runs, settings, progress)
    return runs


async def _ask(runs: Sequence[Run], settings: Settings, progress: Progress) -> None:
    async with (
        engines_there(settings, progress),
        connect(settings, wait=False) as adapters,
    ):
        patience = Patience(settings.retry_first_s, settings.retry_cap_s)
        for run in runs:
            raw = run.ensemble.model_copy(update={"calibration": {}})
            pipeline = adapters.pipeline.with_ensemble(raw)
            for task in run.tasks:
                await ask(task, pipeline, run.answers, progress, patience)


def _changed(ensemble: Ensemble, changes: Mapping[str, object]) -> Ensemble:
    """Return the ensemble with other modes or prompts."""
    modes = {**ensemble.modes.model_dump(), **changes}
    prompts = modes.pop("prompts", ensemble.prompts)
    return ensemble.model_copy(
        update={"modes": Modes.model_validate(modes), "prompts": prompts},
    )


async def compare(
    files: Sequence[tuple[Path, Choice]],
    ensemble_file: Path | None,
    output: Path,
    variants: Mapping[str, Mapping[str, object]] = VARIANTS,
) -> None:
    """Ask in every variant, write the table next to the stored answers, and print it.

    Raises:
        ConfigurationError: a file cannot be read, or something cannot be started.
        EngineError: an engine gave no answer.
    """
    runs = await evaluate(files, ensemble_file, output, list(variants.values()))
    results = {name: results_of(run) for name, run in zip(variants, runs, strict=True)}
    text, path = "\n".join(table(results)), output / "comparison.md"
    with writing(path):
        path.write_text(text + "\n", "utf-8")
    console = Console(highlight=False, soft_wrap=True)
    console.print(text, markup=False)
    console.print(f"written: {path}", markup=False)


def results_of(run: Run) -> list[report.Result]:
    """Return the result of every file of a run."""
    return [report.result_of(task, run.ensemble, run.answers) for task in run.tasks]


def show(results: Sequence[report.Result], output: Path, *, as_json: bool) -> None:
    """Write results and print their table, or one line of JSON for each file."""
    paths = report.write(output, results)
    if as_json:
        for result in results:
            write_data(orjson.dumps(result.line))
        return
    console = Console(highlight=False, soft_wrap=True)
    console.print(report.markdown(results), markup=False)
    console.print("written: " + ", ".join(map(str, paths)), markup=False)


def show_errors(run: Run) -> None:
    """Print the missed and the invented entities, the most frequent first."""
    console = Console(highlight=False, soft_wrap=True)
    for task in run.tasks:
        missed, invented = report.errors(task, run.ensemble, run.answers)
        for what, counted in (("missed", missed), ("invented", invented)):
            console.print(f"{task.name}: {what} {counted.total()}", style="bold", markup=False)
            for line in _listed(counted):
                console.print(line, markup=False)


def _listed(counted: Counter[tuple[str, str]]) -> list[str]:
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN_ERRORS]
    return [f"  {n:4}  {clean(surface)}  ({kind})" for (surface, kind), n in ordered]
