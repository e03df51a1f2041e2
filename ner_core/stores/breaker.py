"""A circuit breaker: what has just failed is not asked again for a while."""

import time
from collections.abc import Callable


class Breaker:
    """Closed: every call may go. Open after a failure: none may, until ``retry_after_s`` is over.

    Then one call may try; if it succeeds the breaker closes, else it is open again.
    """

    def __init__(
        self, *, retry_after_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._retry_after_s = retry_after_s
        self._clock = clock
        self._opened_at: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether the last call failed."""
        return self._opened_at is not None

    def allows(self) -> bool:
        """Say whether a call may go now; a trial call keeps others out until it is judged."""
        if self._opened_at is None:
            return True
        if self._clock() - self._opened_at < self._retry_after_s:
            return False
        self._opened_at = self._clock()
        return True

    def succeeded(self) -> None:
        """Close."""
        self._opened_at = None

    def failed(self) -> None:
        """Open, from now."""
        self._opened_at = self._clock()
