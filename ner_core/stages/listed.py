"""The name lists of a label set, applied to the entities of a document."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from ner_core.groups.forms import form_of, shown
from ner_core.name_lists import NameLists
from ner_core.text.dateline import dateline_end
from ner_core.text.grounding import ground
from ner_core.types import Document, Entity, Field, Span

_FIELDS: tuple[Field, ...] = ("title", "text")


def with_lists(entities: Sequence[Entity], lists: NameLists, document: Document) -> list[Entity]:
    """Return the entities without denied names and with allowed ones.

    A name is denied in whatever form the groups know it; a longer name that has it as a part is
    another name. An allowed name is an entity wherever it occurs, with score 1 and without
    votes, and displaces what overlaps it, unless it is inside a longer entity or the models
    found it so.
    """
    end = dateline_end(document.text)
    kept = [entity for entity in entities if not _is_denied(entity, lists, end)]
    for allowed in _allowed(lists, document, end):
        overlapping = [e for e in kept if _overlap(e, allowed)]
        if not any(_decides(entity, allowed) for entity in overlapping):
            kept = [e for e in kept if e not in overlapping] + [allowed]
    return kept


def _is_denied(entity: Entity, lists: NameLists, dateline: int) -> bool:
    in_dateline = entity.field == "text" and entity.span.end <= dateline
    denied = (*lists.deny, *(lists.dateline if in_dateline else ()))
    words = form_of(shown(entity.text), entity.type).words
    return words in _forms(denied, entity.type)


@lru_cache(maxsize=64)
def _forms(names: tuple[str, ...], type_id: str) -> frozenset[tuple[str, ...]]:
    return frozenset(form_of(name, type_id).words for name in names)


def _allowed(lists: NameLists, document: Document, dateline: int) -> Iterator[Entity]:
    """Yield the occurrences of allowed names, longer names first."""
    for name, kind in sorted(lists.allow, key=lambda pair: (-len(pair[0]), pair)):
        for field in _FIELDS:
            text = document.field(field)
            for span in ground(name, text):
                entity = _entity(field, span, text, kind)
                if not _is_denied(entity, lists, dateline):
                    yield entity


def _entity(field: Field, span: Span, text: str, kind: str) -> Entity:
    surface = text[span.start : span.end]
    return Entity(field, span, surface, kind, score=1.0, verified=None, votes={})


def _overlap(one: Entity, other: Entity) -> bool:
    return one.field == other.field and one.span.touches(other.span)


def _decides(entity: Entity, allowed: Entity) -> bool:
    """Whether an entity makes an allowed one needless: it is longer, or the same."""
    inside = entity.span.start <= allowed.span.start and allowed.span.end <= entity.span.end
    return inside and (entity.span != allowed.span or entity.type == allowed.type)
