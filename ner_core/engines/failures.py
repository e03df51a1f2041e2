"""Failures of an OpenAI-compatible server, translated into Tagwire's errors."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import openai

from ner_core.errors import (
    EngineBusyError,
    EngineDownError,
    EngineError,
    EngineLostError,
    EngineRequestError,
    EngineTimeoutError,
    PromptTooLongError,
)

_BUSY = frozenset({429, 503})
_TOO_LONG = re.compile(
    r"context[ _](length|size|window)|maximum (model|input) length", re.IGNORECASE
)


@contextmanager
def translated(model: str) -> Iterator[None]:
    """Turn every failure of a request inside the block into an ``EngineError``."""
    try:
        yield
    except openai.APITimeoutError as exc:
        raise EngineTimeoutError(model, "no reply in time; the engine is slow or hangs") from exc
    except openai.APIStatusError as exc:
        raise _of_status(model, exc) from exc
    except openai.APIConnectionError as exc:
        if isinstance(exc.__cause__, httpx2.ConnectError):
            raise EngineDownError(model, "it cannot be reached; down or restarting") from exc
        raise EngineLostError(model, f"the connection was cut ({exc.__cause__!r})") from exc
    except UnicodeEncodeError as exc:
        raise EngineRequestError(model, f"the request has no UTF-8 form: {exc}") from exc
    except (openai.OpenAIError, ValueError) as exc:
        raise EngineLostError(model, f"the reply cannot be read: {exc}") from exc


def _of_status(model: str, exc: openai.APIStatusError) -> EngineError:
    reason = f"HTTP {exc.status_code}: {exc.message}"
    if exc.status_code in _BUSY:
        return EngineBusyError(model, reason)
    if exc.status_code >= 500:  # noqa: PLR2004 - the HTTP class of server errors
        return EngineLostError(model, reason)
    if _TOO_LONG.search(exc.message):
        return PromptTooLongError(model, reason)
    return EngineRequestError(model, reason)
