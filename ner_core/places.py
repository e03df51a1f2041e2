"""Notices when a document does nothing but wait in line at the engines.

Such time is that of the documents before it, so it is no sign that this one takes too long.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_current: ContextVar["Places | None"] = ContextVar("places", default=None)


class Places:
    """How often one document waits for places at engines, and how often it has some.

    ``changed`` is called with ``True`` when the document begins to do nothing but wait, and with
    ``False`` when that ends.
    """

    def __init__(self, changed: Callable[[bool], None]) -> None:
        self._changed = changed
        self._waits = 0
        self._held = 0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Count what is asked in this block, and in the tasks that are begun in it."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)

    def add(self, waits: int, held: int) -> None:
        """Count more, or less if a number is negative."""
        before = self._only_waits
        self._waits += waits
        self._held += held
        if self._only_waits is not before:
            self._changed(self._only_waits)

    @property
    def _only_waits(self) -> bool:
        return self._waits > 0 and not self._held


@contextmanager
def counted(*, waits: int = 0, held: int = 0) -> Iterator[None]:
    """Count for the current document during the block; does nothing if no document is watched."""
    places = _current.get()
    if places is None:
        yield
        return
    places.add(waits, held)
    try:
        yield
    finally:
        places.add(-waits, -held)
