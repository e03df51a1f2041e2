"""The values that the stages pass on: frozen, with half-open code point offsets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

NONE = "none"
"""The type id that says: this span is no entity."""

Field = Literal["title", "text"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range of code points: ``text[start:end]``."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            msg = f"span must satisfy 0 <= start < end, got [{self.start}, {self.end})"
            raise ValueError(msg)

    def touches(self, other: "Span") -> bool:
        """Tell whether both have a code point in common."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it came: what is tagged, and what travels along."""

    id: str
    text: str
    title: str = ""
    language: str | None = None
    label_set: str = "news"

    def field(self, name: Field) -> str:
        """Text of one field."""
        return self.title if name == "title" else self.text


@dataclass(frozen=True, slots=True)
class Sentence:
    """The unit of work: one sentence (or a window of an over-long one) of a field.

    ``text`` is what it reads in the original, ``start`` its offset in the field,
    ``index`` its number in the document. ``continues`` and ``continued`` tell that the
    sentence goes on before and after this window.
    """

    field: Field
    index: int
    start: int
    text: str
    continues: bool = False
    continued: bool = False


@dataclass(frozen=True, slots=True)
class TypedSpan:
    """A span of a text with a type id."""

    span: Span
    type: str


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A labelled sentence that is shown to models; annotated completely, in order."""

    id: str
    text: str
    entities: tuple[TypedSpan, ...]
    label_set: str = "news"

    def surface(self, entity: TypedSpan) -> str:
        """Text of one of its entities."""
        return self.text[entity.span.start : entity.span.end]


@dataclass(frozen=True, slots=True)
class Vote:
    """What one backbone says of one span: a type id, ``none``, or nothing (it abstains).

    ``probabilities`` holds P(type) where the server gives them: at least the chosen
    one, over the types of the label set and ``none``.
    """

    model: str
    type: str | None
    probabilities: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """A verified entity of a document: offsets are those of its field.

    ``score`` is in [0, 1]; ``verified`` is ``None`` where nobody was asked or
    nobody gave a usable answer.
    """

    field: Field
    span: Span
    text: str
    type: str
    score: float
    verified: bool | None
    votes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a reader of the record should know; it never stops a document."""

    code: str
    model: str | None = None
    sentence: int | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class StageCounts:
    """Work done at one stage by one model; sums over requests.

    ``cached_tokens`` counts prompt tokens the server took from its prefix cache,
    ``cache_hits`` requests answered from stored answers (they cost no tokens).
    """

    requests: int = 0
    cache_hits: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    rejected: int = 0
    abstained: int = 0


@dataclass(frozen=True, slots=True)
class TaggedDocument:
    """All that the pipeline found in one document."""

    document_id: str
    fingerprint: str
    entities: tuple[Entity, ...]
    warnings: tuple[Notice, ...]
    sentences: int
    counts: Mapping[tuple[str, str], StageCounts] = field(default_factory=dict)
    explanation: tuple[Mapping[str, object], ...] | None = None
