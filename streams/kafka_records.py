"""Reads records whose header names are no UTF-8, which Kafka allows and aiokafka cannot read.

A client that writes names as raw bytes would otherwise stop every consumer at its record.
"""

import struct
from collections.abc import Iterator
from itertools import islice
from typing import Any, SupportsIndex

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

_LENGTH = struct.Struct(">8xi")
"""Of a batch: its offset, then the number of bytes that follow."""


class _Names(bytearray):
    """Bytes that always are text: one that is no UTF-8 becomes a backslash and its number."""

    def __getitem__(self, at: SupportsIndex | slice) -> Any:  # noqa: ANN401 # an int or bytes
        found = super().__getitem__(at)
        return _Names(found) if isinstance(found, bytearray) else found

    def decode(self, encoding: str = "utf-8", errors: str = "") -> str:  # noqa: ARG002 # aiokafka's call
        return super().decode(encoding, "backslashreplace")


class _ReadableBatch(_DefaultRecordBatchPy):  # type: ignore[misc] # aiokafka is untyped
    """A batch, read by Python, with escaped header names."""

    def _maybe_uncompress(self) -> None:
        super()._maybe_uncompress()
        self._buffer: bytearray = _Names(self._buffer)


class _Batch:
    """A batch that is read again from where its reader fails at the name of a header."""

    def __init__(self, batch: Any, data: bytes) -> None:  # noqa: ANN401 # aiokafka is untyped
        self._batch = batch
        self._data = data

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 # any of the batch
        return getattr(self._batch, name)

    def __next__(self) -> Any:  # noqa: ANN401 # a record; how aiokafka reads a marker
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        read = 0
        try:
            for record in self._batch:
                yield record
                read += 1
        except UnicodeDecodeError:
            yield from islice(_ReadableBatch(self._data), read, None)


class ReadableRecords:
    """Batches of one fetch, all of whose records can be read."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._records = MemoryRecords(data)
        self._start = 0

    def size_in_bytes(self) -> int:
        """Return the size of the fetch in bytes."""
        return int(self._records.size_in_bytes())

    def has_next(self) -> bool:
        """Return whether there is one more whole batch."""
        return bool(self._records.has_next())

    def next_batch(self) -> Any:  # noqa: ANN401 # a batch as aiokafka has them
        """Return the next batch."""
        batch, start = self._records.next_batch(), self._start
        if batch is None:
            return None
        (length,) = _LENGTH.unpack_from(self._data, start)
        self._start = start + _LENGTH.size + length
        return _Batch(batch, self._data[start : self._start])


fetcher.MemoryRecords = ReadableRecords
