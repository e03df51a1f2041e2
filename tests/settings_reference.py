"""Write docs/settings.md from the code."""

from pathlib import Path
from typing import Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from streams.settings import PREFIX, USUAL_VARIABLES, Settings

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"
HEAD = f"""# Settings

<!-- Written by `make settings`; edit the descriptions in streams/settings.py instead. -->

Every process reads the same settings. A key is a line of `tagwire.toml` in the working directory
(or of the file that `TAGWIRE_CONFIG` names), for example `bootstrap = "kafka:9092"`. The variable
`{PREFIX}` plus the key in capitals, for example `TAGWIRE_BOOTSTRAP`, overrides the file.
{" and ".join(f"`{name}`" for name in USUAL_VARIABLES)} are used where neither is set. An unknown
key or variable is an error, except for the variables that Kubernetes sets in every pod for a
Service named `tagwire`.

`~` is the home folder. A relative path in the file is relative to the file, one in a variable to
the working directory. `models/…` and `examples/…` that do not exist there are those that ship
with Tagwire.

| key | values | default | meaning |
|---|---|---|---|
"""
NAMES = {bool: "true, false", int: "integer", float: "number", str: "text", Path: "path"}
BOUNDS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}


def reference() -> str:
    """Return the page: one row per setting, in the order of the code."""
    rows = [
        f"| `{name}` | {_values(field)} | {_default(field)} | {field.description} |\n"
        for name, field in Settings.model_fields.items()
    ]
    return HEAD + "".join(rows)


def _values(field: FieldInfo) -> str:
    kind = next((a for a in get_args(field.annotation) if isinstance(a, type)), field.annotation)
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(field.annotation))
    if kind is SecretStr:
        return "text, never printed"
    bounds = [
        f"{sign} {getattr(entry, bound):,g}"
        for entry in field.metadata
        for bound, sign in BOUNDS.items()
        if hasattr(entry, bound)
    ]
    return " ".join([NAMES[kind], ", ".join(bounds)]).strip()


def _default(field: FieldInfo) -> str:
    value = field.default
    return "" if value is None or not str(value) else f"`{value}`"


if __name__ == "__main__":
    PAGE.write_text(reference(), "utf-8")
