"""The command `gpu-worker`, and what plans its engines."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streams.cli.dispatch import EXIT_FAILED, run, run_until_stopped
from streams.cli.options import EnsembleFile, settings_for

if TYPE_CHECKING:
    from streams.settings import Settings

_WIDTH = 200

commands = typer.Typer(invoke_without_command=True)


@commands.callback()
def gpu_worker(context: typer.Context, ensemble: EnsembleFile = None) -> None:
    """Serve the models of an ensemble until SIGTERM.

    Example: tagwire gpu-worker --ensemble models/paper.toml
    """
    context.obj = ensemble
    if context.invoked_subcommand is None:
        run_until_stopped(lambda stop: _gpu_worker(ensemble, stop), service=True)


async def _gpu_worker(ensemble_file: Path | None, stop: asyncio.Event) -> None:
    from ner_core.ensemble import load_ensemble
    from streams.serving.app import supervise
    from streams.terminal import Progress

    settings = settings_for(ensemble_file)
    ensemble = load_ensemble(settings.ensemble)
    with Progress() as progress:
        await supervise(ensemble, settings, progress, stop)


@commands.command()
def plan(
    context: typer.Context,
    ensemble: EnsembleFile = None,
    card: Annotated[float | None, typer.Option(help="GiB of a card", min=1)] = None,
    cards: Annotated[int | None, typer.Option(help="number of cards", min=1)] = None,
    price: Annotated[float | None, typer.Option(help="price of a card per hour", min=0)] = None,
) -> None:
    """Show how the engines share GPUs, and what they cost; by default those of this machine.

    The exit status is 1 if they do not fit.

    Example: tagwire gpu-worker plan --ensemble models/paper.toml --card 80 --price 2.50
    """
    run(lambda: _plan(ensemble or context.obj, card, cards, price))


async def _plan(
    ensemble_file: Path | None, card_gib: float | None, number: int | None, price: float | None
) -> int:
    from rich.console import Console

    from ner_core.ensemble import load_ensemble
    from streams.serving import plan_report
    from streams.serving.app import served_here
    from streams.serving.estimate import estimated
    from streams.serving.gpus import visible_ids
    from streams.serving.memory import memory_of
    from streams.serving.plan import planned
    from streams.serving.remedies import remedies
    from streams.serving.vllm_command import by_port

    settings = settings_for(ensemble_file)
    ensemble = load_ensemble(settings.ensemble)
    groups = by_port(served_here(ensemble, settings))
    console = Console(highlight=False, width=_WIDTH)
    if len(groups) == 1:
        console.print(plan_report.line_of_one(groups[0][0].name), markup=False)
        return 0
    engines = [memory_of(group, settings.cache_folder) for group in groups]
    ids = visible_ids() if card_gib is None and number is None else ()
    found = planned(engines, await _cards(settings, card_gib, number), ids)
    cures = [] if found.fits else remedies(groups, settings.cache_folder, found)
    console.print(plan_report.table_of(found))
    lines = plan_report.lines_of(found, cures)
    if found.fits and (estimate := estimated(found, ensemble.modes)):
        lines += plan_report.estimate_lines(estimate, found, price)
    console.print("\n".join(lines), markup=False)
    return 0 if found.fits else EXIT_FAILED


async def _cards(settings: "Settings", card_gib: float | None, number: int | None) -> list[float]:
    """Return the bytes of each card: those that are asked for, or those of this machine."""
    from streams.serving.gpus import visible_cards
    from streams.serving.memory import GIB

    if card_gib is not None:
        return [card_gib * GIB] * (number or 1)
    here = await visible_cards(settings.vllm_python)
    return here if number is None else [min(here)] * number


@commands.command("restart")
def restart_engine(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="a model of the ensemble")],
    ensemble: EnsembleFile = None,
) -> None:
    """Restart the engine of one model on this machine; the others go on serving.

    It finishes what it has begun, and starts again as the gpu-worker was told when that started.

    Example: tagwire gpu-worker restart phi-4
    """
    run(lambda: _restart(ensemble or context.obj, name))


async def _restart(ensemble_file: Path | None, name: str) -> None:
    from ner_core.ensemble import load_ensemble
    from ner_core.errors import ConfigurationError
    from streams.local.engine_restart import restart
    from streams.serving.app import served_here
    from streams.terminal import Progress

    settings = settings_for(ensemble_file)
    models = {
        model.name: model for model in served_here(load_ensemble(settings.ensemble), settings)
    }
    if name not in models:
        msg = f"{name} is not a model that is served here: {', '.join(models)}"
        raise ConfigurationError(msg)
    with Progress() as progress:
        await restart(models[name], settings, progress)
