"""A page of tagged documents: one HTML file that needs nothing else and asks nobody."""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from ner_core.version import __version__
from streams.export.tagged import Tagged
from streams.export.view import HUES, KNOWN_TYPES, RULES, View, visible, votes_of


def page(documents: Sequence[Tagged], *, title: str) -> bytes:
    """Return the page, in UTF-8; control characters are shown, never executed.

    Its security policy allows its own style and script alone: no request leaves it.
    """
    kinds = Counter(e.type for d in documents for e in d.record.entities)
    looks = _looks(kinds)
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=False, finalize=_visible
    )
    environment.globals.update(hash=_policy_hash, look=looks.__getitem__, votes=votes_of)
    return (
        environment.from_string(_file("page.html.jinja"))
        .render(
            title=title,
            version=__version__,
            style=_file("page.css"),
            script=_file("page.js"),
            documents=[View(document) for document in documents],
            kinds=dict(sorted(kinds.items(), key=lambda kind: (-kind[1], kind[0]))),
        )
        .encode()
    )


def _file(name: str) -> str:
    return (files(__package__) / name).read_text("utf-8")


def _visible(value: object) -> object:
    """Return text with what cannot be shown made visible; what is not text stays."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return visible(value)


def _policy_hash(content: str) -> str:
    """Return the source expression that allows an inline style or script."""
    digest = hashlib.sha256(content.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _looks(kinds: Iterable[str]) -> dict[str, str]:
    """Return the classes of each type: a hue and a style of line; no two of 40 have both."""
    others = sorted(set(kinds) - set(KNOWN_TYPES))
    ordered = [*KNOWN_TYPES, *others]
    return {kind: f"h{n % HUES} r{n % RULES}" for n, kind in enumerate(ordered)}
