"""Values as they are stored: with a checksum over key and value."""

import zlib

_CHECKSUM_BYTES = 4


def framed(key: str, value: bytes) -> bytes:
    """Return the value behind its checksum."""
    return _checksum(key, value) + value


def unframed(key: str, frame: object) -> bytes | None:
    """Return the value, ``None`` if the frame is damaged or another key's."""
    if not isinstance(frame, bytes):
        return None
    checksum, value = frame[:_CHECKSUM_BYTES], frame[_CHECKSUM_BYTES:]
    return value if checksum == _checksum(key, value) else None


def _checksum(key: str, value: bytes) -> bytes:
    return zlib.crc32(value, zlib.crc32(key.encode())).to_bytes(_CHECKSUM_BYTES, "big")
