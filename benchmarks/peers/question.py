"""What a tool is asked, as it goes from our environment to the tool's: JSON, and no package."""

import json
from dataclasses import asdict, dataclass
from typing import TypedDict

Entity = tuple[int, int, str]
"""Start, end, name of the type."""


class Shown(TypedDict):
    """A demonstration: its text and its entities."""

    text: str
    entities: list[Entity]


class Line(TypedDict):
    """What a tool found in a sentence; nothing, and the reason, if it failed."""

    entities: list[Entity]
    failure: str | None


@dataclass(frozen=True)
class Question:
    """The engine, how long its answers may be, and what is asked about which sentences.

    ``url`` ends in ``/v1``. ``types`` are definitions by name.
    """

    url: str
    model: str
    max_tokens: int
    types: dict[str, str]
    demonstrations: list[Shown]
    sentences: list[str]

    def dumped(self) -> str:
        """Return the question as JSON."""
        return json.dumps(asdict(self))


def loaded(text: str) -> Question:
    """Return the question that was written as JSON."""
    return Question(**json.loads(text))
