"""What an ensemble did with labeled sentences: its answers beside the truth, in a file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from ner_core.errors import ConfigurationError
from ner_core.evaluation.cases import Case, cases_of
from ner_core.labels import EntityType, LabelSet

Scored = tuple[int, int, str, float]
"""An entity: start, end, type id, score."""


@dataclass(frozen=True)
class Judged:
    """One sentence: the set it is of, its truth, the entities tagged in it, and their stages.

    ``parts`` is the explanation, ``empty_share`` the share of the pool's demonstrations that
    hold no entity.
    """

    set: str
    labels: LabelSet
    text: str
    gold: frozenset[tuple[int, int, str]]
    entities: Sequence[Scored]
    parts: Sequence[Mapping[str, Any]]
    empty_share: float

    @cached_property
    def cases(self) -> list[Case]:
        """Every span of the union before the vote, in order."""
        return cases_of(self.parts, self.gold, self.labels)


def write_judged(path: Path, sentences: Iterable[Judged]) -> None:
    """Write a file of JSON lines, one for each sentence."""
    path.write_bytes(b"".join(orjson.dumps(_line(one)) + b"\n" for one in sentences))


def read_judged(path: Path) -> list[Judged]:
    """Read what ``write_judged`` wrote.

    Raises:
        ConfigurationError: the file cannot be read, or a line is not such a sentence.
    """
    try:
        return [_judged(orjson.loads(line)) for line in path.read_bytes().splitlines()]
    except (OSError, ValueError, KeyError, TypeError) as exc:
        msg = f"{path} is not a file of judged sentences: {exc!r}"
        raise ConfigurationError(msg) from exc


def _line(one: Judged) -> dict[str, object]:
    return {
        "set": one.set,
        "label_set": [one.labels.id, [astuple(kind) for kind in one.labels.types]],
        "text": one.text,
        "gold": sorted(one.gold),
        "entities": one.entities,
        "parts": one.parts,
        "empty_share": one.empty_share,
    }


def _judged(line: Mapping[str, Any]) -> Judged:
    name, types = line["label_set"]
    return Judged(
        set=line["set"],
        labels=LabelSet(name, tuple(EntityType(*kind) for kind in types)),
        text=line["text"],
        gold=frozenset((start, end, kind) for start, end, kind in line["gold"]),
        entities=[(start, end, kind, score) for start, end, kind, score in line["entities"]],
        parts=line["parts"],
        empty_share=line["empty_share"],
    )
