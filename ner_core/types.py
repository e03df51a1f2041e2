"""The values that stages exchange: frozen, with half-open code point offsets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import add, attrgetter
from typing import Literal, NamedTuple, Self

NONE = "none"
"""The type id of a span that is not an entity."""

POOL = "pool"
"""The name of the pool among those of the members."""

Field = Literal["title", "text"]


class _Range(NamedTuple):
    start: int
    end: int


class Span(_Range):
    """Half-open range of code points: ``text[start:end]``.

    A pair, because spans are keys and are sorted everywhere: hashes and comparisons of pairs cost
    little.
    """

    __slots__ = ()

    def __new__(cls, start: int, end: int) -> Self:
        """Return the span.

        Raises:
            ValueError: the range is empty or begins before the text.
        """
        if not 0 <= start < end:
            msg = f"span must satisfy 0 <= start < end, got [{start}, {end})"
            raise ValueError(msg)
        return tuple.__new__(cls, (start, end))

    def touches(self, other: "Span") -> bool:
        """Whether the spans have a code point in common."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Document:
    """A document to tag: its text and title, and what decides how they are tagged."""

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
    """The unit of work: one sentence of a field, or a window of one that is too long.

    ``text`` is the original text, ``start`` its offset in the field, ``index`` its number
    in the document. ``continues``: the sentence began before this window; ``continued``:
    it goes on after it.
    """

    field: Field
    index: int
    start: int
    text: str
    continues: bool = False
    continued: bool = False

    def __hash__(self) -> int:
        """Return the number in the document, which costs nothing: no other sentence has it."""
        return self.index


Mention = tuple[Sentence, Span]
"""A span of a sentence; its offsets are those of the sentence's text."""


@dataclass(frozen=True, slots=True)
class TypedSpan:
    """A span of a text with a type id."""

    span: Span
    type: str


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A labeled sentence that models are shown; all its entities are listed, in order."""

    id: str
    text: str
    entities: tuple[TypedSpan, ...]
    label_set: str = "news"

    def __hash__(self) -> int:
        """Return the hash of the id, which is kept: few are alike."""
        return hash(self.id)

    def surface(self, entity: TypedSpan) -> str:
        """Text of one of the entities."""
        return self.text[entity.span.start : entity.span.end]


class Vote(NamedTuple):
    """One backbone's vote on one span: a type id, ``none``, or ``None`` if it abstains.

    ``probabilities`` holds P(type) in [0, 1] over the type ids and ``none``, at least that of
    the chosen one; ``None`` if the server returns none.
    """

    model: str
    type: str | None
    probabilities: Mapping[str, float] | None = None


class Entity(NamedTuple):
    """An entity of a document: offsets are those of its field.

    ``score`` is in [0, 1]; ``verified`` is ``None`` if the verifier was not asked or gave no
    usable answer, ``False`` only if a stack elected the type; ``votes`` counts votes by type id.
    """

    field: Field
    span: Span
    text: str
    type: str
    score: float
    verified: bool | None
    votes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Group:
    """The mentions of one name of one type in a document.

    ``name`` is its fullest surface, as readers see it; ``aliases`` are the other spellings, the
    most frequent first. ``mentions`` are places in the entities of the document, in order of
    appearance. ``prominence`` is in [0, 1]; ``key`` is that of an external resolver, if there
    is one and it knows the name.
    """

    name: str
    type: str
    mentions: tuple[int, ...]
    aliases: tuple[str, ...]
    prominence: float
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning for readers of the record; it never stops a document."""

    code: str
    model: str | None = None
    sentence: int | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class StageCounts:
    """Work done at one stage by one model, summed over requests.

    ``cached_tokens`` counts prompt tokens that the server took from its prefix cache,
    ``cache_hits`` requests answered from stored answers, which cost no tokens. ``literal``,
    ``folded`` and ``rejected`` count listed surfaces: found in the text as they are, found
    under a fold (other blanks, dashes, quotes, capitals), and not found.
    """

    requests: int = 0
    cache_hits: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    rejected: int = 0
    abstained: int = 0
    literal: int = 0
    folded: int = 0

    def __add__(self, other: "StageCounts") -> "StageCounts":
        return StageCounts(*map(add, _counted(self), _counted(other)))


_counted = attrgetter(*StageCounts.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class TaggedDocument:
    """The result of tagging one document: entities, warnings, and what it cost.

    ``counts`` is by stage and model; ``explanation`` has one entry per sentence, if asked for.
    ``groups`` brings the entities of one name together, the most prominent first.
    """

    document_id: str
    fingerprint: str
    entities: tuple[Entity, ...]
    warnings: tuple[Notice, ...]
    sentences: int
    counts: Mapping[tuple[str, str], StageCounts] = field(default_factory=dict)
    explanation: tuple[Mapping[str, object], ...] | None = None
    groups: tuple[Group, ...] = ()
