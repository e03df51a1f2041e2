"""Label Studio's JSON and JSON-MIN."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ner_core.evaluation.labeled import LabeledText, LineError
from ner_core.evaluation.offsets import Marked, labeled, resolve


def is_task(value: object) -> bool:
    """Whether a JSON value is a task: with its annotations, or in the minimal form."""
    if not isinstance(value, dict):
        return False
    return (isinstance(value.get("data"), dict) and "annotations" in value) or bool(_regions(value))


def read_task(line: int, task: Mapping[str, Any]) -> LabeledText:
    """Return the text of a task with the entities of its only annotation, or its ground truth.

    A task that nobody annotated, or that was only skipped, is left out.

    Raises:
        LineError: there are several annotations, no text, or a label is not in the text.
    """
    name, regions = str(task.get("id", line)), _regions(task)
    data = task if regions else task["data"]
    if regions is None:
        results = _results(line, name, task["annotations"])
        if results is None:
            return LabeledText(name, "", (), left_out="not annotated")
        regions = [
            {**r.get("value", {}), "type": r.get("type")}
            for r in results
            if "labels" in str(r.get("type"))
        ]
    text = _text(line, name, data)
    entities = resolve(text, [e for region in regions for e in _entities(line, name, region)])
    return labeled(name, text, entities)


def _regions(value: Mapping[str, Any]) -> Sequence[Mapping[str, Any]] | None:
    """Return the regions of a task in the minimal form."""
    for listed in value.values():
        if (
            isinstance(listed, list)
            and listed
            and all(
                isinstance(region, dict)
                and isinstance(region.get("labels"), list)
                and "start" in region
                for region in listed
            )
        ):
            return listed
    return None


def _results(
    line: int, name: str, annotations: Sequence[Mapping[str, Any]]
) -> Sequence[Mapping[str, Any]] | None:
    made = [a for a in annotations if not a.get("was_cancelled")]
    chosen = [a for a in made if a.get("ground_truth")] or made
    if len(chosen) > 1:
        reason = (
            f"task {name} has {len(chosen)} annotations; mark one as ground truth, or export one"
        )
        raise LineError(line, reason)
    return chosen[0].get("result", []) if chosen else None


def _text(line: int, name: str, data: Mapping[str, Any]) -> str:
    text = data.get("text")
    if not isinstance(text, str):
        strings = [value for key, value in data.items() if isinstance(value, str) and key != "id"]
        text = strings[0] if len(strings) == 1 else None
    if text is None:
        raise LineError(line, f'task {name} has no "text", and not one text alone')
    return text


def _entities(line: int, name: str, region: Mapping[str, Any]) -> Iterator[Marked]:
    start, end, labels = region.get("start"), region.get("end"), region.get("labels")
    if not (
        isinstance(start, int) and isinstance(end, int) and isinstance(labels, list) and labels
    ):
        raise LineError(
            line, f"task {name}: a region without start, end and labels of a plain text"
        )
    surface = region.get("text")
    for label in labels:
        yield Marked(
            line, str(label), [(start, end)], surface if isinstance(surface, str) else None
        )
