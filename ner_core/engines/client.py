"""A backbone behind any OpenAI-compatible server."""

import asyncio
from collections.abc import Mapping, Sequence

from openai import AsyncOpenAI, DefaultAsyncHttpxClient, Timeout
from openai.types import Completion
from openai.types.chat import ChatCompletion

from ner_core.engines import wire
from ner_core.engines.failures import translated
from ner_core.engines.gate import Gate
from ner_core.engines.turns import Turns
from ner_core.errors import EngineError
from ner_core.ports import Answer, Request

_CONNECT_TIMEOUT_S = 5.0
_FEATURES = ("choices", "logprobs", "schema", "cached_tokens", "priority")


def open_client(url: str, *, timeout_s: float, connections: int) -> AsyncOpenAI:
    """Open a client of the server at ``url``, which ends in ``/v1``.

    It never retries by itself, and goes to the server directly: proxies that the
    environment names are for the outside world, engines are next door.
    """
    timeout = Timeout(timeout_s, connect=min(_CONNECT_TIMEOUT_S, timeout_s))
    direct = DefaultAsyncHttpxClient(trust_env=False, timeout=timeout, limits=_limits(connections))
    return AsyncOpenAI(
        base_url=url, api_key="none", max_retries=0, timeout=timeout, http_client=direct
    )
