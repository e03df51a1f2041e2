"""Name lists of a label set: names that are always entities, and names that never are."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ner_core.errors import LabelSetError

_DENY_KEYS = frozenset({"everywhere", "dateline"})


@dataclass(frozen=True, slots=True)
class NameLists:
    """``allow`` has a type id for each name; ``dateline`` is denied in datelines alone."""

    allow: tuple[tuple[str, str], ...] = ()
    deny: tuple[str, ...] = ()
    dateline: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.allow or self.deny or self.dateline)


NO_LISTS = NameLists()


def read_name_lists(data: Mapping[str, Any], type_ids: Sequence[str]) -> NameLists:
    """Return the name lists in the tables ``allow`` and ``deny`` of a label set's file.

    Raises:
        LabelSetError: a table, a key or a name in it breaks a rule.
    """
    allow, deny = (_table(data, name) for name in ("allow", "deny"))
    if unknown := sorted(allow.keys() - set(type_ids)):
        msg = f"[allow] has {', '.join(unknown)}, not a type id of this label set"
        raise LabelSetError(msg)
    if unknown := sorted(deny.keys() - _DENY_KEYS):
        msg = f"unknown key in [deny]: {', '.join(unknown)}; known: everywhere, dateline"
        raise LabelSetError(msg)
    pairs = [(name, kind) for kind, names in allow.items() for name in _names("allow", kind, names)]
    lists = NameLists(
        tuple(sorted(pairs)),
        *(tuple(_names("deny", key, deny.get(key, []))) for key in ("everywhere", "dateline")),
    )
    _require_one_meaning(lists)
    return lists


def _table(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = data.get(name, {})
    if not isinstance(table, dict):
        msg = f"{name} = {table!r} is not a table; write [{name}] and lists of names below it"
        raise LabelSetError(msg)
    return table


def _names(table: str, key: str, names: object) -> list[str]:
    if not isinstance(names, list) or not all(isinstance(n, str) and n.strip() for n in names):
        msg = f"{key} = {names!r} in [{table}] is not a list of names"
        raise LabelSetError(msg)
    return sorted({" ".join(name.split()) for name in names})


def _require_one_meaning(lists: NameLists) -> None:
    allowed = Counter(name.casefold() for name, _ in lists.allow)
    denied = {name.casefold() for name in lists.deny}
    for name, _ in lists.allow:
        fold = name.casefold()
        if allowed[fold] > 1 or fold in denied:
            msg = f"{name!r} is allowed, and also denied or allowed as another type"
            raise LabelSetError(msg)
