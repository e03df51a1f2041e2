"""Where a document was on the topic ``documents``, as headers of what became of it."""

from dataclasses import dataclass

from streams.wire.messages import Headers, Message

HEADER_PREFIX = "tagwire-"
_NUMBERS = ("partition", "offset", "timestamp-ms")


@dataclass(frozen=True, slots=True)
class Source:
    """Where and when the document was on the topic ``documents``."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int


def source_headers(message: Message) -> Headers:
    """Return the headers that name a record as the source."""
    named = {
        "topic": message.topic,
        "partition": message.partition,
        "offset": message.offset,
        "timestamp-ms": message.timestamp_ms,
    }
    return tuple((f"{HEADER_PREFIX}source-{n}", str(value).encode()) for n, value in named.items())


def source_of(headers: Headers) -> Source | None:
    """Return the source that headers name; ``None`` if they do not name all of it."""
    stated = dict(headers)
    numbers = [number_in(stated.get(f"{HEADER_PREFIX}source-{name}")) for name in _NUMBERS]
    topic = (stated.get(f"{HEADER_PREFIX}source-topic") or b"").decode("utf-8", "backslashreplace")
    if not topic or None in numbers:
        return None
    return Source(topic, *(number or 0 for number in numbers))


def number_in(value: bytes | None) -> int | None:
    """Return the number in a header, ``None`` if there is none."""
    try:
        return None if value is None else int(value)
    except ValueError:
        return None
