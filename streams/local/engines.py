"""The engines that `tagwire tag` and `eval` need: those that run, and those that do not yet."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from ner_core.concurrency import all_of
from ner_core.engines import access_error, url_of
from ner_core.engines.api_key import api_key_of
from ner_core.engines.http import opened
from ner_core.engines.probe import Probe
from ner_core.errors import EngineAccessError, EngineError
from streams.local import preflight
from streams.local.redis_server import redis_answers
from streams.local.stack import running_redis
from streams.serving.app import place, running_models
from streams.serving.model_files import Served
from streams.settings import Settings
from streams.terminal import Progress

_POLL_S = 1.0
_TIMEOUT_S = 10.0


@asynccontextmanager
async def engines_there(settings: Settings, progress: Progress) -> AsyncIterator[None]:
    """Make engines and Redis answer; what did not run ends with the context.

    Engines that another process of this machine is starting are waited for.

    Raises:
        ConfigurationError: something cannot be started; the message says the cure.
        EngineError: an engine serves other models.
    """
    models = preflight.models_to_serve(settings)
    async with AsyncExitStack() as stack:
        if settings.redis_url and not await redis_answers(settings):
            await stack.enter_async_context(running_redis(settings, progress))
        absent = await _absent_after_waiting(models, settings, progress)
        if absent:
            await preflight.check_engines_fit(settings, absent)
        await stack.enter_async_context(running_models(absent, settings, progress))
        yield


async def _absent_after_waiting(
    models: Sequence[Served], settings: Settings, progress: Progress
) -> list[Served]:
    """Return the models that no engine serves and that no process is starting an engine for."""
    waited_for: set[int] = set()
    while absent := await _absent(models, settings):
        supervisors = {s for model in absent if (s := supervisor(model, settings))}
        if not supervisors:
            break
        for pid in supervisors - waited_for:
            progress.log("engines", f"waiting for those that process {pid} is starting")
        waited_for |= supervisors
        await asyncio.sleep(_POLL_S)
    return absent


async def _absent(models: Sequence[Served], settings: Settings) -> list[Served]:
    served = await all_of(is_served(model, settings) for model in models)
    return [model for model, there in zip(models, served, strict=True) if not there]


async def is_served(model: Served, settings: Settings) -> bool:
    """Return whether the engine of a model answers.

    Raises:
        EngineError: it answers, but serves other models.
        ConfigurationError: it refuses the API key, or the key cannot be read.
    """
    url = url_of(model, settings.engine_host)
    try:
        async with opened(url, timeout_s=_TIMEOUT_S, api_key=api_key_of(model)) as client:
            await Probe(client, model.name, chat=False).revision()
    except EngineAccessError as exc:
        raise access_error(exc) from exc
    except EngineError as exc:
        if not exc.retryable:
            raise
        return False
    return True


def supervisor(model: Served, settings: Settings) -> int | None:
    """Return the process of this machine that keeps a model's engine alive, if there is one.

    Raises:
        ConfigurationError: the cache folder cannot be read.
    """
    if model.url is not None or model.serve is None:
        return None
    return place(settings).supervisor(model.serve.port)
