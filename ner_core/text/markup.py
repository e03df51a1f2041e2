"""Markup: a document as its readers see it, and where each code point of it came from."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from html.entities import html5

from ner_core.types import Document, Entity, Field, Span

MARKUP = "markup-4"
"""Name and version of these rules, part of the fingerprint."""

_BLOCKS = frozenset(
    "address article aside blockquote body br caption center col colgroup dd details dialog dir "
    "div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html "
    "legend li link main menu meta nav ol optgroup option p param pre search section select "
    "summary table tbody textarea tfoot thead title tr ul".split()
)
_INLINE = frozenset(
    "a abbr acronym area b base basefont bdi bdo big blink button cite code data del dfn em embed "
    "font i img input ins kbd label map mark marquee meter nobr object output picture progress q "
    "rb rtc ruby samp slot small source span strike strong sub time track tt u var wbr".split()
)
_HIDDEN = frozenset("audio canvas iframe noscript script style svg template video".split())
_READINGS = frozenset({"rp", "rt"})
"""How a word is read, beside it in small print."""
_CELLS = frozenset({"td", "th"})
_SHOWN = {
    **dict.fromkeys(_BLOCKS | _HIDDEN, "\n\n"),
    **dict.fromkeys(_CELLS, "\t"),
    **dict.fromkeys(_INLINE | _READINGS, ""),
    "sup": " ",
}
"""What readers see instead of a tag."""
_WORD = {"w:p": "\n\n", "w:br": "\n\n", "w:cr": "\n\n", "w:tab": "\t"}
_WITHIN_LINES = frozenset({"m:", "o:", "st1:", "st2:", "v:", "w:"})
"""Namespaces whose other tags part nothing."""
_HTML = frozenset({"", "html:", "xhtml:"})
_BOOLEAN = (
    "allowfullscreen|alt|async|autoplay|checked|class|compact|contenteditable|controls|crossorigin|"
    "default|defer|disabled|download|draggable|hidden|inert|ismap|itemprop|itemscope|loop|mozallowfullscreen|multiple|muted|nohref|nomodule|"
    "noshade|novalidate|nowrap|open|playsinline|readonly|required|reversed|selected|"
    "webkitallowfullscreen"
)
_VALUE = r"""(?:"[^"<]{0,2000}"|'[^'<]{0,2000}'|[“”″][^”″<>]{0,2000}[”″]|[^\s<>]{1,2000})"""
_PLAIN_NAME = r"(?:amp|aria|data|ng|v|x)-[\w-]+"
_ATTRIBUTE = (
    rf"""(?>[\s/]*(?:[^\s"'<>/=]{{1,100}}\s*=\s*{_VALUE}"""
    rf"""|(?i:{_PLAIN_NAME}|{_BOOLEAN})(?=[\s/>])))"""
)
_PREFIX = "o|w|v|m|st1|st2|svg|xhtml|html|media|dc|content|itunes|fb|g"
"""Namespaces of Word, of feeds and of XHTML."""
_TOKEN = re.compile(
    rf"<(?P<slash>/?)(?P<prefix>(?i:{_PREFIX}):)?(?P<tag>[a-zA-Z][a-zA-Z0-9]{{0,15}}(?P<custom>(?:-[a-z0-9]{{1,15}}){{1,3}})?)(?=[\s/>]){_ATTRIBUTE}{{0,99}}+[\s/]*>"
    r"|(?P<comment><!--)"
    r"|(?P<unseen><!(?i:doctype)\b[^<>]{0,2000}>|<\?xml\b[^<>]{0,2000}>|<!\[CDATA\[|(?P<end>\]\]>)"
    r"|<!\[(?:if\b[^<>\]]{0,200}|endif)\]>)"
    r"|&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|(?P<name>[a-zA-Z][a-zA-Z0-9]{1,31}));"
    r"|&(?:#\d{2,7}(?![\d;])|(?:amp|nbsp|quot|lt|gt)(?![\w;=]))"
)
_CUSTOM = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15}(?:-[a-z0-9]{1,15}){1,3})")
_CLINGING = re.compile("['’”.,:;!?)]")
"""What follows a word at once, an element around the word or not."""
_ROUNDS = 3
"""Feeds escape markup that holds escaped characters itself."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A text without markup; ``origin`` has the source range of each of its code points."""

    text: str
    origin: Sequence[tuple[int, int]]

    def source(self, span: Span) -> Span:
        """Return the span of the source that a span of the text came from."""
        return Span(self.origin[span.start][0], self.origin[span.end - 1][1])

    def then(self, further: "Plain") -> "Plain":
        """Return a text without the markup that this one still had, over the first source."""
        origin = [(self.origin[s][0], self.origin[e - 1][1]) for s, e in further.origin]
        return Plain(further.text, origin)


@dataclass(frozen=True, slots=True)
class Readable:
    """A document as models read it, and the plain texts of its fields that have markup."""

    document: Document
    plain: dict[Field, Plain]

    def source(self, field: Field, span: Span) -> Span:
        """Return the span of the original field."""
        return self.plain[field].source(span) if field in self.plain else span

    def in_source(self, entity: Entity, original: Document) -> Entity:
        """Return an entity over the original field."""
        if entity.field not in self.plain:
            return entity
        span = self.source(entity.field, entity.span)
        text = original.field(entity.field)[span.start : span.end]
        return entity._replace(span=span, text=text)


def readable(document: Document) -> Readable:
    """Return the document as its readers see it: character references decoded, tags removed."""
    fields: tuple[Field, ...] = ("title", "text")
    found = {name: without_markup(document.field(name)) for name in fields}
    plain = {name: field for name, field in found.items() if field is not None}
    title, text = (plain[f].text if f in plain else document.field(f) for f in fields)
    return Readable(replace(document, title=title, text=text), plain)


def without_markup(text: str) -> Plain | None:
    """Return a text without HTML; ``None`` if it has none.

    A tag that ends a line or paragraph becomes a blank line, the tag of a cell a tab, that of
    a footnote or ordinal a space.
    """
    plain = None
    for _ in range(_ROUNDS):
        decoded = _decoded(plain.text if plain else text)
        if decoded is None:
            break
        plain = plain.then(decoded) if plain else decoded
    return plain


def _decoded(text: str) -> Plain | None:
    pieces: list[str] = []
    origin: list[tuple[int, int]] = []
    at = 0
    for start, end, shown in _tokens(text):
        pieces += [text[at:start], shown]
        origin += [(i, i + 1) for i in range(at, start)]
        origin += [(start, end)] * len(shown)
        at = end
    if at == 0:
        return None
    origin += [(i, i + 1) for i in range(at, len(text))]
    return Plain("".join([*pieces, text[at:]]), origin)


def _tokens(text: str) -> list[tuple[int, int, str]]:
    """Return the markup of a text in order: start, end, and what readers see instead."""
    if "<" not in text and "&" not in text:
        return []
    tokens: list[tuple[int, int, str]] = []
    unclosed: set[str] = set()
    cdata = text.find("<![CDATA[")
    match = _TOKEN.search(text)
    while match:
        end, shown = match.end(), _shown(match)
        closing = _closing(match)
        if closing and closing not in unclosed:
            closed = re.compile(closing, re.IGNORECASE).search(text, end)
            end = closed.end() if closed else end
            unclosed |= set() if closed else {closing}
        if match["end"] and not 0 <= cdata < match.start():
            shown = None
        if match["custom"] and not ("=" in match[0] or match["tag"] in _paired(text)):
            shown = None
        if shown is not None and not (match["comment"] and end == match.end()):
            tokens.append((match.start(), end, shown))
        match = _TOKEN.search(text, end)
    return tokens


def _closing(match: re.Match[str]) -> str:
    """Return what ends the hidden content that begins with a token, if any does."""
    if match["comment"]:
        return "-->"
    prefix, tag = _name(match)
    if tag in _READINGS and prefix in _HTML and not match["slash"]:
        return rf"(?=</?{prefix}r[tp]\b|</{prefix}ruby\b)"
    hidden = tag in _HIDDEN and prefix in _HTML | {"svg:"} and not match["slash"]
    return rf"</{prefix}{tag}\s{{0,99}}>" if hidden else ""


@lru_cache(maxsize=1)
def _paired(text: str) -> frozenset[str]:
    """Return the names with a hyphen that are between ``<`` and between ``</`` too.

    These are elements that a page defines itself; so are those with an attribute.
    """
    names = _CUSTOM.findall(text)
    return frozenset(name for slash, name in names if slash).intersection(
        name for slash, name in names if not slash
    )


def _name(match: re.Match[str]) -> tuple[str, str]:
    """Return namespace and name of a tag; both are empty if a token is none."""
    return (match["prefix"] or "").lower(), (match["tag"] or "").lower()


def _shown(match: re.Match[str]) -> str | None:
    """Return what readers see instead of a token; ``None`` if it is no markup."""
    if match["comment"] or match["unseen"]:
        return ""
    prefix, tag = _name(match)
    if match["custom"]:
        return "" if _CLINGING.match(match.string, match.end()) else " "
    if tag and prefix in _HTML:
        return _SHOWN.get(tag)
    if tag:
        return _WORD.get(prefix + tag, "" if prefix in _WITHIN_LINES else "\n\n")
    if match["name"] and f"{match['name']};" not in html5:
        return None
    return html.unescape(match[0])
