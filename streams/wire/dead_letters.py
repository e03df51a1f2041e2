"""Records of the topic ``documents.dead``."""

from ner_core.errors import TagwireError
from streams.wire.messages import Message, Outgoing

HEADER_PREFIX = "tagwire-"


def dead_letter(
    topic: str, message: Message, error: BaseException, *, stage: str, attempts: int
) -> Outgoing:
    """The record of a document that cannot be tagged: its own bytes, and why in headers."""
    added = {
        "stage": stage,
        "reason": reason_of(error),
        "error": type(error).__name__,
        "message": str(error),
        "attempts": str(attempts),
        "source-topic": message.topic,
        "source-partition": str(message.partition),
        "source-offset": str(message.offset),
        "source-timestamp-ms": str(message.timestamp_ms),
    }
    headers = tuple(
        (HEADER_PREFIX + name, text.encode("utf-8", "backslashreplace"))
        for name, text in added.items()
    )
    # Producers refuse a record that is null twice; its reason tells what it was.
    value = b"" if message.key is message.value is None else message.value
    return Outgoing(topic, message.key, value, message.headers + headers, message.timestamp_ms)


def reason_of(error: BaseException) -> str:
    """Name the fate of a document that raised this."""
    return error.code if isinstance(error, TagwireError) else "unexpected"
