"""One span for each call of an engine, in the words of OpenTelemetry's conventions for models."""

from contextlib import AbstractContextManager
from typing import Literal

from yarl import URL

from ner_core.ports import Answer
from ner_core.tracing import Attributes, Span, Tracer

Operation = Literal["chat", "text_completion", "embeddings"]


def call_span(
    tracer: Tracer, operation: Operation, model: str, url: URL, *, inputs: int
) -> AbstractContextManager[Span]:
    """Open the span of one HTTP request; ``inputs`` is the number of prompts or texts in it."""
    attributes: Attributes = {
        "gen_ai.operation.name": operation,
        "gen_ai.provider.name": "openai",  # whoever serves it, that is the protocol
        "gen_ai.request.model": model,
        "server.address": url.host or "",
        "server.port": url.port or 0,
        "tagwire.inputs": inputs,
    }
    return tracer.span(f"{operation} {model}", attributes, kind="client")


def usage(cost: Answer) -> Attributes:
    """Return the tokens of a call; the first answer of a list has the cost of all.

    ``input_tokens`` includes those that the server took from its prefix cache.
    """
    return {
        "gen_ai.usage.input_tokens": cost.prompt_tokens,
        "gen_ai.usage.cache_read.input_tokens": cost.cached_tokens,
        "gen_ai.usage.output_tokens": cost.completion_tokens,
    }
