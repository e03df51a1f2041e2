"""Failures of an OpenAI-compatible server, translated into Tagwire's errors."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import openai

from ner_core.errors import (
    EngineAccessError,
    EngineBusyError,
    EngineDownError,
    EngineError,
    EngineLostError,
    EngineRequestError,
    EngineTimeoutError,
    PromptTooLongError,
)

_BY_STATUS: dict[int, type[EngineError]] = {
    **dict.fromkeys((401, 402, 403, 404), EngineAccessError),
    **dict.fromkeys((408, 504), EngineTimeoutError),
    **dict.fromkeys((429, 503), EngineBusyError),
}
_TOO_LONG = re.compile(
    r"context[ _](length|size|window)|maximum (model|input) length", re.IGNORECASE
)


@contextmanager
def translated(model: str) -> Iterator[None]:
    """Turn every failure of a request inside the block into an ``EngineError``."""
    try:
        yield
    except openai.APIStatusError as exc:
        raise _of_status(model, exc) from exc
    except openai.APIConnectionError as exc:
        raise _of_connection(model, exc) from exc
    except UnicodeEncodeError as exc:
        raise EngineRequestError(model, f"the request has no UTF-8 form: {exc}") from exc
    except (openai.OpenAIError, ValueError) as exc:
        raise EngineLostError(model, f"the reply cannot be read: {exc}") from exc


def _of_connection(model: str, exc: openai.APIConnectionError) -> EngineError:
    cause = exc.__cause__
    if isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout):
        return EngineDownError(model, f"it cannot be reached; down or restarting ({cause!r})")
    if isinstance(exc, openai.APITimeoutError):
        return EngineTimeoutError(model, "no reply in time; the engine is slow or hangs")
    return EngineLostError(model, f"the connection was cut ({cause!r})")


def _of_status(model: str, exc: openai.APIStatusError) -> EngineError:
    reason = f"HTTP {exc.status_code}: {exc.message}"
    if known := _BY_STATUS.get(exc.status_code):
        return known(model, reason)
    if exc.status_code >= 500:  # noqa: PLR2004 - the HTTP class of server errors
        return EngineLostError(model, reason)
    if _TOO_LONG.search(exc.message):
        return PromptTooLongError(model, reason)
    return EngineRequestError(model, reason)
