"""Types in JSON that are tags of tokens, as programs leave them that join no tokens to names."""

import re
from collections.abc import Sequence

from ner_core.evaluation.labeled import LineError

JOIN = (
    'join the tokens of each name, for instance with aggregation_strategy="simple", and give its '
    "entity_group as the type"
)
_TAG = re.compile(r"([BIESLUM])-\S+")
_SURE = re.compile(r"[BISU]-[A-Z][^a-z\s]*")
"""A tag that is no word such as S-Bahn or E-MAIL."""
_OUTSIDE = "O"


def require_types(types: Sequence[tuple[int, str]]) -> None:
    """Check that the types of a file, each with its line, are no tags of tokens.

    They are if all have a place before a dash, and one is surely a tag: ``E-MAIL`` beside other
    types is a type, and so is ``O`` beside ``P`` and ``L``.

    Raises:
        LineError: they are tags, or one is ``O`` and no other a letter.
    """
    tags = [(line, kind) for line, kind in types if kind != _OUTSIDE]
    outside = next((line for line, kind in types if kind == _OUTSIDE), None)
    if outside and not any(len(kind) == 1 for _, kind in tags):
        reason = "the type 'O' is the tag of a token outside of names; leave such entities out"
        raise LineError(outside, reason)
    if (
        tags
        and all(_TAG.fullmatch(kind) for _, kind in tags)
        and any(_SURE.fullmatch(k) for _, k in tags)
    ):
        line, kind = types[0]
        raise LineError(line, f"the types are tags of tokens, such as {kind!r}; {JOIN}")


def is_token(entity: object) -> bool:
    """Whether an entity in JSON is a token with its tag, of a pipeline that joins none."""
    if not isinstance(entity, dict) or {"type", "label"} & entity.keys():
        return False
    tag = entity.get("entity")
    return isinstance(tag, str) and (tag == _OUTSIDE or bool(_TAG.fullmatch(tag)))
