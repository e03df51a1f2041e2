"""What the commands of ``tagwire`` do."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from rich.console import Console

from ner_core.ensemble import load_ensemble
from ner_core.errors import ConfigurationError
from streams import topics
from streams.client import offline
from streams.client import send as sending
from streams.client.files import Line, read_documents, read_lines
from streams.client.tail import arrivals
from streams.host.pidfile import held, holder
from streams.local import stack
from streams.local.demo import run_demo
from streams.local.status import read_status
from streams.pipeline_factory import connect
from streams.serving import model_files
from streams.settings import Settings, load_settings
from streams.terminal import Progress, clean, highlighted, listed, table

_END_TIMEOUT_S = 60.0


def _settings(ensemble: Path | None = None) -> Settings:
    return load_settings(**({"ensemble": ensemble} if ensemble else {}))


@asynccontextmanager
async def _until_told() -> AsyncIterator[asyncio.Event]:
    """Give an event that SIGTERM and Ctrl-C set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    yield stop


def _pid_file(settings: Settings) -> Path:
    return settings.cache_folder / "up.pid"


async def up() -> None:
    """Run the embedded stack until told to end."""
    settings = load_settings()
    async with _until_told() as stop:
        with Progress() as progress:
            running = asyncio.create_task(_up(settings, progress, stop))
            await asyncio.wait(
                {running, asyncio.create_task(stop.wait())}, return_when=asyncio.FIRST_COMPLETED
            )
            if not running.done():
                progress.log("ending", "Ctrl-C or `tagwire down`")
                running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            if not running.cancelled():
                running.result()


async def _up(settings: Settings, progress: Progress, stop: asyncio.Event) -> None:
    with held(_pid_file(settings)):
        async with stack.running_stack(settings, progress):
            progress.log(
                "up", "in another terminal: tagwire tail; tagwire send examples/feed.jsonl"
            )
            await stop.wait()


async def down() -> None:
    """End the stack that runs on this machine."""
    path = _pid_file(load_settings())
    pid = holder(path)
    if pid is None:
        msg = f"no `tagwire up` runs here (nobody holds {path})"
        raise ConfigurationError(msg)
    with Progress() as progress:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + _END_TIMEOUT_S
        while holder(path) == pid:
            if time.monotonic() > deadline:
                msg = f"process {pid} does not end within {_END_TIMEOUT_S:.0f} s; `kill -9 {pid}`"
                raise ConfigurationError(msg)
            await asyncio.sleep(0.1)
        progress.log("down", f"process {pid} has ended")


async def demo(documents: int) -> bool:
    """Run the demo; false if a promise was not kept."""
    with Progress() as progress:
        async with _until_told() as stop:
            running = asyncio.create_task(run_demo(progress, documents))
            waiting = asyncio.create_task(stop.wait())
            await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
                return False
            return running.result()


async def status() -> bool:
    """Print how everything is."""
    said = await read_status(load_settings())
    Console(highlight=False).print(table(said.rows))
    return said.well


async def gpu_worker(ensemble_file: Path | None) -> None:
    """Serve an ensemble until told to end."""
    settings = _settings(ensemble_file)
    ensemble = load_ensemble(settings.ensemble)
    async with _until_told() as stop:
        with Progress() as progress:
            await stack.prepare_models(ensemble, settings, progress)
            supervisor = await stack.make_supervisor(
                ensemble,
                settings,
                lambda s: progress.log(f"engine {s.name}", f"{s.state}, {s.url}"),
            )
            await supervisor.run(stop)


async def send(source: str) -> bool:
    """Send a file; false if lines were refused."""
    entries = list(read_lines(source))
    lines = [entry for entry in entries if isinstance(entry, Line)]
    refused = [entry for entry in entries if not isinstance(entry, Line)]
    settings = load_settings()
    with Progress() as progress:
        done = 0
        async for _ in sending.send(settings, lines):
            done += 1
            progress.update("sending", done, len(lines))
        for number, error in refused:
            progress.log("refused", f"line {number}: {clean(str(error))}")
        progress.log("sent", f"{len(lines)} documents to {settings.documents_topic}")
    return not refused


async def tail(as_json: bool, from_beginning: bool) -> None:
    """Show records as they arrive, until Ctrl-C."""
    settings = load_settings()
    console = Console(highlight=False)
    topic = settings.entities_topic
    async for arrival in arrivals(settings, topic=topic, from_beginning=from_beginning):
        record = arrival.record
        if as_json:
            sys.stdout.buffer.write((arrival.value or b"null") + b"\n")
            sys.stdout.flush()
        elif record is None:
            console.print(f"{clean(arrival.id)}  deleted", markup=False)
        else:
            console.print(clean(record.document_id), style="bold", markup=False)
            console.print(highlighted(record.title or "", record.entities, "title"))
            console.print(listed(record.entities))


async def tag(source: str, limit: int | None) -> bool:
    """Tag a file; false if a line was refused."""
    settings = load_settings()
    entries = list(read_documents(source))[:limit]
    lines = [entry for entry in entries if isinstance(entry, Line)]
    refused = [entry for entry in entries if not isinstance(entry, Line)]
    done = sentences = 0
    with Progress() as progress:
        async with (
            stack.engines_there(settings, progress),
            connect(settings, wait=False) as adapters,
        ):
            await offline.fill_pool(adapters.pipeline, settings)
            began = time.monotonic()
            async for item in offline.tag_lines(adapters.pipeline, settings, source, lines):
                done += 1
                if isinstance(item[0], Line):
                    sys.stdout.buffer.write(item[1] + b"\n")
                    sentences += item[2]
                else:
                    refused.append(item)
                seconds = time.monotonic() - began
                left = f"{seconds / done * (len(lines) - done):.0f} s left"
                progress.update("tagging", done, len(lines), f"{_pace(seconds, sentences)}, {left}")
            seconds = time.monotonic() - began
        sys.stdout.flush()
        for number, error in refused:
            progress.log("refused", f"line {number}: {clean(str(error))}")
        progress.log("tagged", f"{_pace(seconds, sentences)}, {sentences} in all")
    return not refused


def _pace(seconds: float, sentences: int) -> str:
    """Give seconds per sentence on this machine, without the start of its engines."""
    return f"{seconds / max(1, sentences):.1f} s per sentence"


async def models_prepare(ensemble_file: Path | None) -> None:
    """Unpack the models of an ensemble, and show their terms."""
    settings = _settings(ensemble_file)
    ensemble = load_ensemble(settings.ensemble)
    with Progress() as progress:
        await stack.prepare_models(ensemble, settings, progress)
        packages = await model_files.site_packages(settings.vllm_python)
        for model in await stack.models_here(ensemble, settings):
            texts = ", ".join(str(path) for path in model_files.notices(model, packages))
            progress.log(f"terms {model.name}", f"{model.weights.licence}  {texts}")


async def models_list(ensemble_file: Path | None) -> None:
    """Print the models of an ensemble."""
    settings = _settings(ensemble_file)
    models = await stack.models_here(load_ensemble(settings.ensemble), settings)
    rows = {
        m.name: (
            f"{f'{m.size_bytes / 1e6:.0f} MB' if m.ready else 'not unpacked'}, "
            f"{m.weights.licence}, {m.place}"
        )
        for m in models
    }
    Console(highlight=False, soft_wrap=True).print(table(rows))


async def models_remove(ensemble_file: Path | None) -> None:
    """Take the models of an ensemble out of the cache."""
    settings = _settings(ensemble_file)
    with Progress() as progress:
        for model in await stack.models_here(load_ensemble(settings.ensemble), settings):
            if model.ready:
                model_files.remove(model)
                progress.log("removed", str(model.place))


async def demos_load(source: str) -> None:
    """Send a file of demonstrations."""
    settings = load_settings()
    with Progress() as progress:
        number = await sending.load_demonstrations(settings, source)
        progress.log("loaded", f"{number} demonstrations into {settings.demonstrations_topic}")


async def topics_create() -> None:
    """Make the topics that are not there."""
    for name, new in (await topics.create(load_settings())).items():
        Console(highlight=False).print(f"  {name}  {'made' if new else 'was there'}")
