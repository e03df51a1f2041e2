"""The stack that fits a labeled file: what an ensemble file can take over from an evaluation."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from ner_core.evaluation.stack import Learned, learn, weighed
from ner_core.stack import Stack
from streams.evaluation.tasks import Task

_LEAST_ENTITIES = 50
"""Gold entities of a file, below which a stack would be fitted to chance."""
_NONE = "# No file has enough entities for a stack.\n"


def learned(
    task: Task,
    answers: Sequence[Mapping[str, Any]],
    gold: Sequence[Collection[tuple[int, int, str]]],
) -> Learned | None:
    """Return the stack that fits the answers to a file; ``None`` if it has too few entities."""
    if sum(map(len, gold)) < _LEAST_ENTITIES:
        return None
    pairs = zip(answers, gold, strict=True)
    return learn([weighed(a["parts"], own, task.labels, task.empty_share) for a, own in pairs])


def line_of(file: str, one: Learned, f1: float) -> str:
    """Return what a stack is worth for a file on which the ensemble has this F1."""
    return (
        f"- {file}: with a stack of its own, in `stacks.toml`, F1 {one.f1:.1f} instead of {f1:.1f} "
        "(each fifth of the file by a stack fitted to the rest)"
    )


def tables(stacks: Iterable[tuple[str, str, Stack]]) -> str:
    """Return stacks, each with its file and label set, as tables of an ensemble file.

    A label set has one table: those of its further files are comments.
    """
    lines: list[str] = []
    known: set[str] = set()
    for file, label_set, stack in stacks:
        mark = "# " if label_set in known else ""
        lines += [f"# fitted to {file}", *(mark + line for line in _table(label_set, stack))]
        known.add(label_set)
    return "\n".join(lines) or _NONE


def _table(label_set: str, stack: Stack) -> Iterator[str]:
    name = orjson.dumps(label_set).decode()
    yield f"[stacks.{name}]"
    yield f"intercept = {stack.intercept}"
    yield f"least = {stack.least}"
    yield ""
    yield f"[stacks.{name}.weights]"
    yield from (f"{orjson.dumps(what).decode()} = {w}" for what, w in stack.weights.items())
    yield ""
