"""A clock that goes when it is told to."""


class Clock:
    """A clock for what takes one; ``now`` is what it shows."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now
