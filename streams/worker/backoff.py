"""Waits between attempts."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits that double from ``first_s`` to ``cap_s``, each cut by up to half at random."""

    first_s: float
    cap_s: float

    def wait_s(self, failures: int, at_least_s: float = 0.0) -> float:
        """Seconds to wait after that many failures in a row (at least 1).

        It is ``at_least_s``, which a server may ask for, but never over ``cap_s``.
        """
        full = min(self.cap_s, self.first_s * 2.0 ** min(failures - 1, 30))
        wait_s = full * random.uniform(0.5, 1.0)  # noqa: S311 # jitter is no secret
        return max(wait_s, min(at_least_s, self.cap_s))
