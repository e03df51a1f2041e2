"""Header names of any bytes, as clients write them that do not check."""

from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

PLAIN, GZIP = 0, 1


class Name(str):
    """A header name that is written as Latin-1, so ``ÿ`` is a byte that UTF-8 never has."""

    __slots__ = ()

    def encode(self, *_):
        """Return the bytes that aiokafka's builder in Python writes."""
        return super().encode("latin-1")


def builder(codec=PLAIN):
    """Return a builder that asks a name for its bytes; the one in C takes only text."""
    return _DefaultRecordBatchBuilderPy(2, codec, 0, -1, -1, 0, 100_000)
