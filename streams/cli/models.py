"""The commands ``models prepare``, ``models list`` and ``models remove``."""

from pathlib import Path

import typer

from streams.cli.dispatch import run
from streams.cli.options import EnsembleFile, settings_for

commands = typer.Typer(help="The models of the ensemble file.", no_args_is_help=True)


@commands.command("prepare")
def prepare(ensemble: EnsembleFile = None) -> None:
    """Check and unpack the models, once.

    Example: tagwire models prepare --ensemble models/single.toml
    """
    run(lambda: _prepare(ensemble))


async def _prepare(ensemble_file: Path | None) -> None:
    from ner_core.ensemble import load_ensemble
    from streams.serving.app import models_here, prepare_models
    from streams.serving.model_files import notices, site_packages
    from streams.terminal import Progress

    settings = settings_for(ensemble_file)
    ensemble = load_ensemble(settings.ensemble)
    with Progress() as progress:
        await prepare_models(ensemble, settings, progress)
        packages = await site_packages(settings.vllm_python)
        for model in await models_here(ensemble, settings):
            texts = ", ".join(str(path) for path in notices(model, packages))
            progress.log(f"terms {model.name}", f"{model.weights.licence}  {texts}")


@commands.command("list")
def list_models(ensemble: EnsembleFile = None) -> None:
    """List the models: state, size, folder, license.

    Example: tagwire models list
    """
    run(lambda: _list(ensemble))


async def _list(ensemble_file: Path | None) -> None:
    from rich.console import Console

    from ner_core.ensemble import load_ensemble
    from streams.serving.app import models_here
    from streams.terminal import table

    settings = settings_for(ensemble_file)
    models = await models_here(load_ensemble(settings.ensemble), settings)
    rows = {
        m.name: (
            f"{f'{m.size_bytes / 1e6:.0f} MB' if m.ready else 'not unpacked'}, "
            f"{m.weights.licence}, {m.place}"
        )
        for m in models
    }
    Console(highlight=False, soft_wrap=True).print(table(rows))


@commands.command("remove")
def remove(ensemble: EnsembleFile = None) -> None:
    """Remove the unpacked models from the cache.

    Example: tagwire models remove
    """
    run(lambda: _remove(ensemble))


async def _remove(ensemble_file: Path | None) -> None:
    from ner_core.ensemble import load_ensemble
    from streams.serving import model_files
    from streams.serving.app import models_here
    from streams.terminal import Progress

    settings = settings_for(ensemble_file)
    with Progress() as progress:
        for model in await models_here(load_ensemble(settings.ensemble), settings):
            if model.ready:
                model_files.remove(model)
                progress.log("removed", str(model.place))
