"""Types in JSON that are tags of tokens, as programs leave them that join no tokens to names."""

import re
from collections.abc import Sequence

from ner_core.evaluation.labeled import LineError

JOIN = (
    'join the tokens of each name, for instance with aggregation_strategy="simple", and give its '
    "entity_group as the type"
)
_TAG = re.compile(r"([BIESLUM])-\S+")
_NEED_ANOTHER = frozenset("ELM")
"""Places that no scheme has alone."""
_OUTSIDE = "O"


def require_types(types: Sequence[tuple[int, str]]) -> None:
    """Check that the types of a file, each with its line, are no tags of tokens.

    They are if all have a place before a dash: ``E-MAIL`` beside other types is a type.

    Raises:
        LineError: they are tags, or one is ``O``.
    """
    if outside := next((line for line, kind in types if kind == _OUTSIDE), None):
        reason = "the type 'O' is the tag of a token outside of names; leave such entities out"
        raise LineError(outside, reason)
    tags = [_TAG.fullmatch(kind) for _, kind in types]
    places = {tag[1] for tag in tags if tag}
    if all(tags) and places - _NEED_ANOTHER:
        line, kind = types[0]
        raise LineError(line, f"the types are tags of tokens, such as {kind!r}; {JOIN}")


def is_token(entity: object) -> bool:
    """Whether an entity in JSON is a token with its tag, of a pipeline that joins none."""
    if not isinstance(entity, dict) or {"type", "label"} & entity.keys():
        return False
    tag = entity.get("entity")
    return isinstance(tag, str) and (tag == _OUTSIDE or bool(_TAG.fullmatch(tag)))
