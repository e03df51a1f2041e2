"""Records of the topic ``documents.dead``."""

import hashlib

from ner_core.errors import TagwireError
from streams.wire.bounded import LIMIT_BYTES, bounded
from streams.wire.messages import Headers, Message, Outgoing
from streams.wire.sources import HEADER_PREFIX, source_headers

STREAMS_PREFIX = "__streams.errors."
"""Of the headers that Kafka Streams adds to its own dead letters (KIP-1034)."""


def dead_letter(  # noqa: PLR0913 # what it says about the document, all named at the call
    topic: str,
    message: Message,
    error: BaseException,
    *,
    stage: str,
    attempts: int,
    now_ms: int,
) -> Outgoing:
    """Build the record of a document that cannot be tagged: its own bytes, and why in headers.

    Its time is ``now_ms``, because retention counts from it; the document's time is in a header.
    Error and source are there twice: under our names, and under those of Kafka Streams for
    tools that know these. Only the stack trace is in the worker's log alone.
    """
    added = _headers(HEADER_PREFIX, _why(error, stage=stage, attempts=attempts))
    added += source_headers(message)
    added += _headers(STREAMS_PREFIX, _streams_errors(message, error))
    # Producers refuse a record with neither key nor value; its reason names what it was.
    value = b"" if message.key is message.value is None else message.value
    return Outgoing(topic, message.key, value, message.headers + added, now_ms)


def dead_letter_without_value(message: Message, letter: Outgoing) -> Outgoing:
    """Build a letter that is a few kilobytes at most, for one that the broker refused.

    Headers hold size and SHA-256 of what is left out: the value, and a key over a kilobyte.
    The document's own headers are only counted. Its source offset finds the original.
    """
    left_out = {
        "value-bytes": str(len(message.value or b"")),
        "value-sha256": hashlib.sha256(message.value or b"").hexdigest(),
        "headers-left-out": str(len(message.headers)),
    }
    key = message.key
    if not key or len(key) > LIMIT_BYTES:
        left_out |= {
            "key-bytes": str(len(key or b"")),
            "key-sha256": hashlib.sha256(key or b"").hexdigest(),
        }
        key = f"{message.topic}-{message.partition}-{message.offset}".encode()
    why = letter.headers[len(message.headers) :] + _headers(HEADER_PREFIX, left_out)
    return Outgoing(letter.topic, key, None, why, letter.timestamp_ms)


def reason_of(error: BaseException) -> str:
    """Return the code that names why a document that raised this is dead."""
    return error.code if isinstance(error, TagwireError) else "unexpected"


def _why(error: BaseException, *, stage: str, attempts: int) -> dict[str, str]:
    return {
        "stage": stage,
        "reason": reason_of(error),
        "error": type(error).__name__,
        "message": str(error),
        "attempts": str(attempts),
    }


def _streams_errors(message: Message, error: BaseException) -> dict[str, str]:
    return {
        "exception": type(error).__name__,
        "message": str(error),
        "topic": message.topic,
        "partition": str(message.partition),
        "offset": str(message.offset),
    }


def _headers(prefix: str, named: dict[str, str]) -> Headers:
    return tuple((prefix + name, bounded(text).encode()) for name, text in named.items())
