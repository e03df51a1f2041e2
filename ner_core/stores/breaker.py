"""A circuit breaker: what keeps failing is not asked again for a while."""

import time
from collections import deque
from collections.abc import Callable

_FAILURES = 3
_WINDOW_S = 10.0
_RETRY_AFTER_S = 2.0


class Breaker:
    """Closed: every call may go. It opens at the third failure in a row within 10 s.

    Open: none may go for 2 s, then one may try. If that succeeds the breaker closes, else it
    stays open for another 2 s. One late reply of a healthy server opens nothing. ``name`` is
    what it lets through.
    """

    def __init__(self, name: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self._clock = clock
        self._failed_at: deque[float] = deque(maxlen=_FAILURES)
        self._opened_at: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether calls keep failing."""
        return self._opened_at is not None

    def allows(self) -> bool:
        """Return whether a call may go now; a trial keeps others out until it is judged."""
        if self._opened_at is None:
            return True
        if self._clock() - self._opened_at < _RETRY_AFTER_S:
            return False
        self._opened_at = self._clock()
        return True

    def succeeded(self) -> None:
        """Close, and forget the failures."""
        self._failed_at.clear()
        self._opened_at = None

    def failed(self) -> None:
        """Count a failure, and open if it is one too many."""
        now = self._clock()
        self._failed_at.append(now)
        too_many = len(self._failed_at) == _FAILURES and now - self._failed_at[0] <= _WINDOW_S
        if self.is_open or too_many:
            self._opened_at = now
