"""What ``tagwire eval`` does."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import orjson
from rich.console import Console

from ner_core.ensemble import Ensemble, Modes, load_ensemble
from streams import report
from streams.adapters import connect
from streams.console import Steps, clean
from streams.evaluating import Choice, Task, ask, keys, task_of
from streams.kept import Kept
from streams.local import engines_there
from streams.settings import Settings, load_settings

_SHOWN_ERRORS = 30


async def evaluate(
    files: Sequence[tuple[Path, Choice]],
    ensemble_file: Path | None,
    output: Path,
    modes: Mapping[str, object] = MappingProxyType({}),
) -> tuple[list[Task], Ensemble, Kept]:
    """Ask what is not kept yet; engines are started only where something is missing.

    ``modes`` are changed in what the ensemble file says.

    Raises:
        ConfigurationError: a file cannot be read, or something cannot be started.
        EngineError: an engine gave no answer.
    """
    settings = load_settings(**({"ensemble": ensemble_file} if ensemble_file else {}))
    ensemble = _changed(load_ensemble(settings.ensemble), {**modes, "units": "fields"})
    tasks = [task_of(path, choice) for path, choice in files]
    kept = Kept(output / "sentences.jsonl")
    missing = sum(key not in kept for task in tasks for key in keys(task, ensemble))
    with Steps() as steps:
        if missing:
            steps.say("evaluation", f"{missing} sentences to ask; kept as they come in {output}")
            await _ask(tasks, ensemble, settings, kept, steps)
    return tasks, ensemble, kept


async def _ask(
    tasks: Sequence[Task], ensemble: Ensemble, settings: Settings, kept: Kept, steps: Steps
) -> None:
    async with (
        engines_there(settings, steps),
        connect(settings, wait=False) as adapters,
    ):
        adapters.pipeline.ensemble = ensemble
        for task in tasks:
            await ask(task, adapters.pipeline, kept, steps)


def _changed(ensemble: Ensemble, modes: Mapping[str, object]) -> Ensemble:
    """Give the ensemble with other modes; every text of a labelled file is one unit."""
    changed = Modes.model_validate({**ensemble.modes.model_dump(), **modes})
    return ensemble.model_copy(update={"modes": changed})


def show(
    tasks: Sequence[Task], ensemble: Ensemble, kept: Kept, output: Path, *, as_json: bool
) -> None:
    """Write the report and print its table, or one line of JSON for each file."""
    tell([report.result_of(task, ensemble, kept) for task in tasks], output, as_json=as_json)


def tell(results: Sequence[report.Result], output: Path, *, as_json: bool) -> None:
    """Write results and print their table, or one line of JSON for each file."""
    places = report.write(output, results)
    if as_json:
        for result in results:
            sys.stdout.buffer.write(orjson.dumps(result.line) + b"\n")
        sys.stdout.flush()
        return
    console = Console(highlight=False, soft_wrap=True)
    console.print(report.markdown(results), markup=False)
    console.print("written: " + ", ".join(map(str, places)), markup=False)


def show_errors(tasks: Sequence[Task], ensemble: Ensemble, kept: Kept) -> None:
    """Print what was missed and what was invented, most frequent first."""
    console = Console(highlight=False, soft_wrap=True)
    for task in tasks:
        missed, invented = report.errors(task, ensemble, kept)
        for what, counted in (("missed", missed), ("invented", invented)):
            console.print(f"{task.name}: {what} {counted.total()}", style="bold", markup=False)
            for line in _listed(counted):
                console.print(line, markup=False)


def _listed(counted: Counter[tuple[str, str]]) -> list[str]:
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN_ERRORS]
    return [f"  {n:4}  {clean(surface)}  ({kind})" for (surface, kind), n in ordered]
