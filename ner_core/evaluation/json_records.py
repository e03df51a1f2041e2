"""Labeled texts as JSON objects: Tagwire's own, and Label Studio's."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, model_validator

from ner_core.evaluation import label_studio
from ner_core.evaluation.json_values import read_values
from ner_core.evaluation.labeled import LabeledText, LineError
from ner_core.evaluation.offsets import Marked, labeled, resolve
from ner_core.evaluation.token_tags import JOIN, is_token, require_types
from ner_core.text.borders import cuts_a_word
from ner_core.validation import json_kind, problems

_SURROGATE = re.compile("[\ud800-\udfff]")
_TOKENS = ("tokens", "words", "tokenized_text")
_OURS = 'write each text as {"text": …, "entities": [{"start": …, "end": …, "type": …}]}'
_MAY_BE_SURFACE = ("word", "phrase", "span", "value", "name", "entity", "string")
"""Keys that may hold a surface, or else a type or the name of what is meant."""
_FOREIGN = {
    "ents": "spaCy's JSON",
    "paragraphs": "spaCy's training JSON",
    "rasa_nlu_data": "Rasa's training JSON",
    "passages": "BioC or BigBio",
    "%FEATURE_STRUCTURES": "UIMA CAS, as of INCEpTION",
    "spans": "Prodigy's JSON",
    "tokenized_text": "GLiNER's JSON",
    "tokens": "lists of tokens and tags",
    "words": "lists of tokens and tags",
    "content": "Dataturks' JSON",
    "extractions": "LangExtract's JSON",
    "text_snippet": "AutoML's JSON",
    "annotations": "spaCy's training JSON",
    "label": "doccano's JSON",
    "labels": "doccano's JSON",
}
"""Keys that other formats have in place of ``entities``."""
_OTHER_OFFSETS = {"start_offset": "doccano", "start_pos": "flair", "start_char": "spaCy"}


class _Entity(BaseModel):
    model_config = ConfigDict(strict=True, extra="allow")

    start: int
    end: int
    type: str | None = None
    label: str | None = None
    field: Literal["text"] = "text"
    surface: str | None = Field(None, validation_alias=AliasChoices("text", "surface", "mention"))

    @model_validator(mode="after")
    def _typed(self) -> Self:
        kinds = {kind.strip() for kind in (self.type, self.label) if kind and kind.strip()}
        if len(kinds) != 1:
            msg = (
                f"type {self.type!r} and label {self.label!r} differ"
                if kinds
                else "neither type nor label"
            )
            raise ValueError(msg)
        return self

    def marked(self, line: int) -> Marked:
        return Marked(line, self._kind, [(self.start, self.end)], self.surface)

    def maybe_marked(self, line: int, text: str) -> Marked:
        """Return the entity with what is in the text under a key that may hold a surface."""
        values = [(self.model_extra or {}).get(key) for key in _MAY_BE_SURFACE]
        strings = [v for v in values if isinstance(v, str) and v.strip() and v != self._kind]
        found = [v for v in strings if v in text]
        here = [v for v in strings if self.start >= 0 and v == text[self.start : self.end]]
        return replace(self.marked(line), surface=self.surface or next(iter(here + found), None))

    @property
    def _kind(self) -> str:
        return (self.type or "").strip() or (self.label or "").strip()


class _Record(BaseModel):
    id: Any = None
    doc: str | int | None = None
    text: str = Field(strict=True)
    entities: list[_Entity]


def read_json(content: str) -> Iterator[LabeledText]:
    """Yield the texts of JSON lines or of an array.

    Raises:
        LineError: a value is not JSON, not of these forms, or an entity is not in its text; or
            types are tags of tokens.
    """
    texts = list(_texts(content))
    require_types([(line, kind) for line, text in texts for *_, kind in text.entities])
    yield from (text for _, text in texts)


def _texts(content: str) -> Iterator[tuple[int, LabeledText]]:
    for number, (line, value) in enumerate(read_values(content), start=1):
        is_task = label_studio.is_task(value)
        text = label_studio.read_task(line, value) if is_task else _read(line, value, str(number))
        _require_whole_characters(line, text)
        yield line, text


def _require_whole_characters(line: int, text: LabeledText) -> None:
    """Check that no string has half of a surrogate pair, which no encoding can write."""
    for string in (text.name, text.text, *(kind for *_, kind in text.entities)):
        if half := _SURROGATE.search(string):
            reason = f"{half[0]!a}, half of a surrogate pair, at {half.start()}"
            raise LineError(line, f"{reason} of a string that begins with {string[:60]!a}")


def _read(line: int, value: object, name: str) -> LabeledText:
    if reason := _foreign(value):
        raise LineError(line, f"{reason}; {_OURS}")
    try:
        record = _Record.model_validate(value)
    except ValidationError as exc:
        raise LineError(line, f"{problems(exc)}{_keys(value)}; {_OURS}") from exc
    name = name if record.id is None else str(record.id)
    try:
        entities = _resolved(line, record)
    except LineError as exc:
        raise LineError(line, f"{name}: {str(exc).partition(': ')[2]}") from exc
    document = "" if record.doc is None else str(record.doc)
    text = replace(labeled(name, record.text, entities), document=document)
    _require_characters(line, value, text)
    return text


def _resolved(line: int, record: _Record) -> list[Marked]:
    """Return the entities with offsets in code points.

    What may be a surface is one if all agree with their offsets, in whatever units. Else it may
    be a name or a value, and is one only where the offsets are wrong by one.
    """
    text = record.text
    sure = [entity.marked(line) for entity in record.entities]
    maybe = [entity.maybe_marked(line, text) for entity in record.entities]
    try:
        return resolve(text, maybe)
    except LineError:
        pairs = zip(maybe, sure, strict=True)
        return resolve(text, [one if _is_off_by_one(text, one) else own for one, own in pairs])


def _is_off_by_one(text: str, entity: Marked) -> bool:
    """Whether offsets begin at 1, or an end is that of the last character, or both."""
    start, end = entity.span
    if not 0 < end < len(text) + 1 or text[max(0, start) : end] == entity.surface:
        return False
    places = [(start - 1, end - 1), (start + 1, end + 1)]
    places += [(start, end + 1)] if text[end : end + 1].isalnum() else []
    places += [(start - 1, end)] if text[max(0, start - 1)].isalnum() else []
    return any(first >= 0 and text[first:last] == entity.surface for first, last in places)


def _keys(value: object) -> str:
    """Return the keys of an object that has none of ours."""
    if not isinstance(value, dict) or {"text", "entities"} & value.keys():
        return ""
    return f"; its keys: {', '.join(map(repr, list(value)[:10]))}"


def _require_characters(line: int, value: object, text: LabeledText) -> None:
    """Check that offsets beside a list of tokens cut no word: those of tokens would."""
    tokens = isinstance(value, dict) and any(isinstance(value.get(k), list) for k in _TOKENS)
    if tokens and (cut := next(filter(cuts_a_word(text.text), text.entities), None)):
        start, end, kind = cut
        reason = f"{text.name}: [{start}, {end}) {kind} is {text.text[start:end]!r} in the text"
        raise LineError(line, f"{reason}; offsets count characters, not tokens")


def _foreign(value: object) -> str:
    """Return what a value looks like if it is of another format."""
    if isinstance(value, str) or (isinstance(value, list) and isinstance([*value, None][0], str)):
        return "looks like spaCy's training JSON: a text in a list, not an object"
    if not isinstance(value, dict):
        return f"a JSON {json_kind(value)}, not an object"
    if "document_id" in value and "text" not in value:
        return "looks like a record of Tagwire: it has entities, but no text"
    listed = value.get("entities")
    first = listed[0] if isinstance(listed, list) and listed else None
    if reason := _foreign_entity(first):
        return reason
    known = next((key for key in _FOREIGN if key in value and "entities" not in value), None)
    return f"looks like {_FOREIGN[known]}: it has {known!r}" if known else ""


def _foreign_entity(entity: object) -> str:
    """Return what an entity looks like if it is of another format."""
    if isinstance(entity, list):
        return "looks like spaCy's JSON: entities are lists"
    if is_token(entity):
        return f"looks like tokens of a pipeline of Hugging Face; {JOIN}"
    for key, program in _OTHER_OFFSETS.items():
        if isinstance(entity, dict) and key in entity and "start" not in entity:
            return f"looks like {program}'s JSON: entities have {key}"
    return ""
