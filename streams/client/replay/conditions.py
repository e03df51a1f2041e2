"""Which documents of a range are meant."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from streams.wire.codec import load_json
from streams.wire.documents import DEFAULT_LABEL_SET, DocumentRecord
from streams.wire.messages import Message

_DEFAULTS = {"label_set": DEFAULT_LABEL_SET}
_METADATA = "metadata."
FIELDS = tuple(sorted(DocumentRecord.model_fields.keys() - {"metadata"}))


@dataclass(frozen=True, slots=True)
class Conditions:
    """Values by field; a document has one of the values in each field."""

    values: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def parse(cls, texts: Iterable[str]) -> Self:
        """Read ``FIELD=VALUE``; conditions on one field are alternatives.

        Raises:
            ValueError: a text is not a condition, or names an unknown field.
        """
        values: dict[str, set[str]] = defaultdict(set)
        for text in texts:
            name, is_given, value = text.partition("=")
            if not is_given:
                msg = f"{text!r} is not FIELD=VALUE"
                raise ValueError(msg)
            if name not in FIELDS and not name.startswith(_METADATA):
                msg = f"{name!r} is not a field of a document: {', '.join(FIELDS)}, {_METADATA}KEY"
                raise ValueError(msg)
            values[name].add(value)
        return cls({name: frozenset(allowed) for name, allowed in values.items()})

    def match(self, message: Message) -> bool:
        """Return whether a document is meant; what cannot be read meets no condition.

        Of a deletion only the id is compared: it deletes what an earlier version has left.
        """
        if message.value is None:
            return _utf8(message.key) in self.values.get("id", {_utf8(message.key)})
        if not self.values:
            return True
        document = _object(message.value)
        return all(_text(document, name) in allowed for name, allowed in self.values.items())


def _object(value: bytes) -> Mapping[str, Any]:
    try:
        data = load_json(value.decode("utf-8-sig"))
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _text(document: Mapping[str, Any], name: str) -> str | None:
    """Return the value of a field as text; numbers and booleans as JSON writes them."""
    value: object = document.get(name)
    if name.startswith(_METADATA):
        metadata = document.get("metadata")
        value = metadata.get(name.removeprefix(_METADATA)) if isinstance(metadata, dict) else None
    if value is None and document:
        value = _DEFAULTS.get(name)
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else None


def _utf8(key: bytes | None) -> str:
    return (key or b"").decode("utf-8", "backslashreplace")
