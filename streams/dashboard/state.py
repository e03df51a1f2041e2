"""How everything is now: one event, which each change replaces."""

from streams.dashboard.feed import Feed


class State:
    """Parts of the state by name; the feed has all of them in one event."""

    def __init__(self, feed: Feed, **parts: object) -> None:
        self._feed = feed
        self._parts = parts
        self._publish()

    def put(self, name: str, value: object) -> None:
        """Replace a part; what is as it was is not published again."""
        if name not in self._parts or self._parts[name] != value:
            self._parts[name] = value
            self._publish()

    def _publish(self) -> None:
        self._feed.publish("state", "state", "state", self._parts)
