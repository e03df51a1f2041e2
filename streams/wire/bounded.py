"""Text that came in with a document, short enough for a log line or a header."""

LIMIT_BYTES = 1024


def bounded(text: str) -> str:
    """Return the text in at most ``LIMIT_BYTES`` of UTF-8; one that was cut ends with its size.

    Lone surrogates, which UTF-8 cannot hold, become escapes.
    """
    data = text.encode("utf-8", "backslashreplace")
    if len(data) <= LIMIT_BYTES:
        return data.decode()
    size = f"… ({len(data)} bytes)"
    return data[: LIMIT_BYTES - len(size.encode())].decode("utf-8", "ignore") + size


def text_of(key: bytes | None) -> str:
    """Return a record's key as text in at most ``LIMIT_BYTES``; bytes that are no UTF-8 escaped."""
    return bounded((key or b"").decode("utf-8", "backslashreplace"))
