"""Label Studio's JSON and JSON-MIN."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from ner_core.evaluation.labeled import LabeledText, LineError
from ner_core.evaluation.offsets import Marked, labeled, resolve
from ner_core.validation import problems

Model = TypeVar("Model", bound=BaseModel)

_ANNOTATIONS = ("annotations", "completions")
"""Where a task has what people labeled; exports before version 1.0 have the second."""
_MINIMAL = frozenset({"annotator", "annotation_id", "lead_time"})
"""Keys of every task in the minimal form, which has no other sign if it has no regions."""


class _Region(BaseModel):
    model_config = ConfigDict(strict=True)

    start: int
    end: int
    labels: list[str] = Field(min_length=1)
    text: str | None = None

    def marked(self, line: int) -> list[Marked]:
        return [Marked(line, kind, [(self.start, self.end)], self.text) for kind in self.labels]


class _Result(BaseModel):
    type: str = ""
    to_name: str = ""
    value: dict[str, Any] = Field(default_factory=dict)


class _Annotation(BaseModel):
    result: list[_Result] = Field(default_factory=list)
    was_cancelled: bool | None = False
    ground_truth: bool | None = False


class _Task(BaseModel):
    data: dict[str, Any]
    annotations: list[_Annotation] = Field([], validation_alias=AliasChoices(*_ANNOTATIONS))


def is_task(value: object) -> bool:
    """Whether a JSON value is a task: with its annotations, or in the minimal form."""
    if not isinstance(value, dict):
        return False
    if isinstance(value.get("data"), dict) and {*_ANNOTATIONS, "predictions"} & value.keys():
        return True
    return _regions(value) is not None


def read_task(line: int, task: Mapping[str, Any]) -> LabeledText:
    """Return the text of a task with the entities of its only annotation, or its ground truth.

    A task that nobody annotated, or that was only skipped, is left out.

    Raises:
        LineError: there are several annotations, no text or several, or a label is not in the text.
    """
    name, values, data = str(task.get("id", line)), _regions(task), task
    if values is None:
        whole = _valid(line, name, _Task, task)
        annotation = _chosen(line, name, whole.annotations)
        if annotation is None:
            return LabeledText(name, "", (), left_out="not annotated")
        results = [result for result in annotation.result if "labels" in result.type]
        data = _labeled(line, name, whole.data, {result.to_name for result in results})
        values = [result.value for result in results]
    elif not values and any(_is_written(value) for value in task.values()):
        reason = "has its labels in a string, as the CSV export has them; export JSON"
        raise LineError(line, f"task {name} of Label Studio {reason}")
    text = _text(line, name, data)
    regions = [_region(line, name, value) for value in values]
    return labeled(name, text, resolve(text, [e for r in regions for e in r.marked(line)]))


def _regions(value: Mapping[str, Any]) -> Sequence[object] | None:
    """Return the regions of a task in the minimal form: the items of all lists of regions.

    They are empty if nothing was labeled, and ``None`` if the value is not of that form.
    """
    lists = [items for items in value.values() if isinstance(items, list)]
    found = [item for items in lists if any(map(_is_region, items)) for item in items]
    is_minimal = bool(_MINIMAL & value.keys()) and not {"annotations", "entities"} & value.keys()
    regions = [item for item in found if isinstance(item, dict) and "start_pos" not in item]
    labeled_ones = any("labels" in item for item in regions)
    return found if is_minimal or labeled_ones else None


def _is_region(item: object) -> bool:
    return isinstance(item, dict) and (
        {"start", "end"} <= item.keys() or any(key.endswith("labels") for key in item)
    )


def _is_written(value: object) -> bool:
    """Whether a value is a string of JSON that lists regions."""
    return isinstance(value, str) and value.lstrip().startswith("[{") and '"labels"' in value


def _valid(line: int, name: str, model: type[Model], value: object) -> Model:
    try:
        return model.model_validate(value)
    except ValidationError as exc:
        raise LineError(line, f"task {name} of Label Studio: {problems(exc)}") from exc


def _region(line: int, name: str, value: object) -> _Region:
    keys = value if isinstance(value, dict) else ()
    if other := [key for key in keys if key.endswith("labels") and key != "labels"]:
        reason = f"has {other[0]!r}; only labels of a Text are read, not those of a page, a"
        raise LineError(line, f"task {name} of Label Studio {reason} dialogue or a picture")
    return _valid(line, name, _Region, value)


def _chosen(line: int, name: str, annotations: Sequence[_Annotation]) -> _Annotation | None:
    made = [annotation for annotation in annotations if not annotation.was_cancelled]
    chosen = [annotation for annotation in made if annotation.ground_truth] or made
    if len(chosen) > 1:
        several = f"{len(chosen)} annotations; mark one as ground truth, or export one"
        raise LineError(line, f"task {name} of Label Studio has {several}")
    return chosen[0] if chosen else None


def _labeled(
    line: int, name: str, data: Mapping[str, Any], to_names: Collection[str]
) -> Mapping[str, Any]:
    """Return the data of a task without other texts than the one that has the labels."""
    if len(to_names) > 1:
        reason = f"labels of several texts: {', '.join(sorted(to_names))}; export one of them"
        raise LineError(line, f"task {name} of Label Studio has {reason}")
    named = {key: data[key] for key in to_names if isinstance(data.get(key), str)}
    return named or data


def _text(line: int, name: str, data: Mapping[str, Any]) -> str:
    text = data.get("text")
    others = [value for key, value in data.items() if isinstance(value, str) and key != "id"]
    if isinstance(text, str):
        return text
    if len(others) != 1:
        reason = f'task {name} of Label Studio has no "text", and not one text alone'
        raise LineError(line, reason)
    return others[0]
