"""`tagwire gpu-worker`, put together: the models of an ensemble, unpacked and served here."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from ner_core.concurrency import all_of
from ner_core.ensemble import Ensemble, load_ensemble
from ner_core.errors import ConfigurationError
from streams.host import folders
from streams.host.cpu import read_cpu
from streams.host.lifetimes import forever, unless_stopped
from streams.host.service import Policy, Report
from streams.host.urls import Address
from streams.serving import model_files
from streams.serving.disk import check_disk
from streams.serving.gpus import shares_of
from streams.serving.model_files import Model, Served, models_of
from streams.serving.page import Page, serve
from streams.serving.reports import nobody, report_to
from streams.serving.supervisor import POLICY, POLICY_ON_CPU, Place, running_engines
from streams.serving.vllm_command import (
    Build,
    GpuShare,
    Machine,
    by_port,
    engine_processes,
    read_build,
)
from streams.settings import Settings
from streams.terminal import Progress


async def supervise(
    ensemble: Ensemble, settings: Settings, progress: Progress, stop: asyncio.Event
) -> None:
    """Serve the models that have no ``url`` on this machine until ``stop`` is set.

    Raises:
        ConfigurationError: a model cannot be unpacked or its engine does not start.
    """
    await unless_stopped(stop, _supervise(ensemble, settings, progress))


async def _supervise(ensemble: Ensemble, settings: Settings, progress: Progress) -> None:
    models = served_here(ensemble, settings)
    page = Page([group[0].name for group in by_port(models)])
    async with (
        serve(page, settings) as port,
        running_models(models, settings, progress, page.take),
    ):
        progress.log("page", f"http://{Address(settings.web_host, port)}/metrics")
        await forever()


def served_here(ensemble: Ensemble, settings: Settings) -> list[Served]:
    """Return the models that a gpu-worker serves, which are some.

    Raises:
        ConfigurationError: every model has a ``url``.
    """
    if models := without_url(ensemble):
        return models
    msg = f"every model of {settings.ensemble} has a url; there is nothing to serve here"
    raise ConfigurationError(msg)


def without_url(ensemble: Ensemble) -> list[Served]:
    """Return the models that Tagwire itself serves."""
    return [model for model in ensemble.models if model.url is None]


@asynccontextmanager
async def running_models(
    models: Sequence[Served], settings: Settings, progress: Progress, report: Report = nobody
) -> AsyncIterator[None]:
    """Serve models on this machine while the context is open; all have answered when it opens.

    Every change of an engine is printed, and reported.

    Raises:
        ConfigurationError: a model cannot be unpacked or its engine does not start.
    """
    if not models:
        yield
        return
    build = await read_build(settings.vllm_python)
    await _prepare(models, build, settings, progress)
    machine = Machine(build, read_cpu(), settings.cache_folder, settings.engine_bind_host)
    async with running_engines(
        engine_processes(models, machine, await _shares(build, settings)),
        place(settings),
        report_to(progress, report),
        one_by_one=not build.on_cpu,
        policy=_policy(build, settings),
    ):
        yield


async def _shares(build: Build, settings: Settings) -> Mapping[int, GpuShare]:
    """Return the shares of all engines here, those too that somebody else has started."""
    if build.on_cpu:
        return {}
    served = without_url(load_ensemble(settings.ensemble))
    return await shares_of(served, build.python, settings.cache_folder)


def _policy(build: Build, settings: Settings) -> Policy:
    policy = POLICY_ON_CPU if build.on_cpu else POLICY
    return replace(policy, start_timeout_s=settings.engine_start_timeout_s)


def place(settings: Settings) -> Place:
    """Return where engines of this machine leave logs and locks."""
    return Place(settings.logs, settings.cache_folder / "engines")


async def prepare_models(ensemble: Ensemble, settings: Settings, progress: Progress) -> None:
    """Unpack what is not unpacked, all at once; print where it is and its licences.

    Raises:
        ConfigurationError: a file is missing, or is not the one that the ensemble file names, or
            the disk is full.
    """
    build = await read_build(settings.vllm_python)
    await _prepare(without_url(ensemble), build, settings, progress)


async def models_here(ensemble: Ensemble, settings: Settings) -> list[Model]:
    """Return the models that engines of this machine need unpacked; on a CPU merged ones.

    Raises:
        ConfigurationError: ``vllm_python`` has no vLLM.
    """
    build = await read_build(settings.vllm_python)
    return models_of(without_url(ensemble), settings.cache_folder, merge=build.on_cpu)


async def _prepare(
    models: Sequence[Served], build: Build, settings: Settings, progress: Progress
) -> None:
    for model in models:
        if model.serve and model.serve.adapter:
            model_files.check_adapter(model.name, model.serve.adapter)
    packed = models_of(models, settings.cache_folder, merge=build.on_cpu)
    if not packed:
        return
    for one in packed:
        state = "unpacked" if one.ready else "unpacking once"
        progress.log(f"model {one.name}", f"{state}, {one.weights.licence}")
    if absent := [one for one in packed if not one.ready]:
        check_disk(folders.writable(settings.cache_folder, "TAGWIRE_CACHE_FOLDER"))
        await _unpack(absent, settings, progress)
    size_mb = sum(one.size_bytes for one in packed) / 1e6
    progress.log("models", f"{size_mb:.0f} MB in {settings.cache_folder / 'models'}")


async def _unpack(models: Sequence[Model], settings: Settings, progress: Progress) -> None:
    python = settings.vllm_python
    packages = await model_files.site_packages(python)

    def report(name: str, done: int, total: int) -> None:
        progress.update(f"unpacking {name}", done, total)

    await all_of(model_files.prepare(one, python, packages, report) for one in models)
