"""Word borders of a text: Unicode's (UAX 29), and those of scripts with attached particles."""

import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Sequence
from enum import Enum
from functools import lru_cache

import regex

from ner_core.text.korean import is_particle

_CLUSTER = regex.compile(r"\X")
_EMOJI = regex.compile("[\ufe0f\u20e3]")
"""The variation selector of emoji, and the keycap: what they follow is a picture."""
_APOSTROPHE = "\u02bc"
"""A letter to Unicode, an apostrophe to those who type it."""
_FORMAT = regex.compile(r"\p{Word_Break=Format}")
_CONNECTOR = regex.compile(r"(?!\s)\p{Word_Break=ExtendNumLet}")
"""But not the narrow no-break space, which Unicode counts among them for Mongolian."""
_WORD = regex.compile(
    r"[\p{Word_Break=ALetter}\p{Word_Break=Hebrew_Letter}\p{Word_Break=Numeric}"
    r"\x8a\x8c\x8e\x9a\x9c\x9e\x9f]"  # letters of Windows-1252 that were decoded as Latin-1
)
_ENCLOSED = regex.compile(r"[\p{So}ℹ]")
"""Of letters: those in a circle or a box, which are pictures beside a word."""
_SPACELESS = regex.compile(
    r"[\p{Line_Break=SA}\p{Han}\p{Hiragana}\p{Katakana}\p{Yi}\p{Tibetan}\p{Javanese}\p{Balinese}]"
)
_SUFFIXING = regex.compile(
    r"[\p{Georgian}\p{Armenian}\p{Ethiopic}\p{Tamil}\p{Telugu}\p{Kannada}\p{Malayalam}"
    r"\p{Bengali}\p{Gujarati}\p{Oriya}\p{Sinhala}]"
)
"""Scripts whose languages attach particles or cases to the end of a name."""
_POSTPOSITION = regex.compile(
    r"(?:(?:हरू|हरु)?(?:ले|लाई|को|का|की|मा|बाट|सँग|सित|देखि|सम्म|द्वारा)|हरू|हरु"
    r"|जी|च्या|चा|ची|चे|चं|ला|ने|नी|शी|हून|ना|साठी|मध्ये|वर|कडे"
    r"|(?<=[\u0905-\u0914\u093e-\u094c])त)(?![\p{L}\p{M}])"
)
"""What Nepali and Marathi attach to a name; Hindi attaches the honorific alone."""
_ESCAPED = regex.compile(r"(?r)(?<!\\)\\[nrt]")
_PATH = regex.compile(r"(?r)(?<![^\s\"'(])(?:[A-Za-z]:|\\\\)\S{0,200}")
"""A path of Windows up to a place in it, whose folders follow a backslash."""
_CAPITAL = regex.compile(r"\p{Lu}|\p{Lo}")
"""After a line break or tab that a feed has escaped twice, a name begins with a capital."""
_PREFIXING = regex.compile(r"[\p{Hebrew}\p{Arabic}\p{Ethiopic}]")
_PREFIX = regex.compile(
    r"(?r)(?:[והבכלמש]\p{M}*){1,4}"
    r"|[የበለከ]"
    r"|(?:[وف]\p{M}*)?(?:[بكل]\p{M}*)?(?:ا\p{M}*ل\p{M}*|ل\p{M}*)?"
)
"""Words of a letter or two, attached before a name: Hebrew, Arabic, Amharic; read backward."""
_PARTED = regex.compile("\u200c\\p{Arabic}")
"""A non-joiner parts a word from its ending in Persian."""
_INITIALS = tuple(
    (
        regex.compile(rf"(?rV1)(?<!{letter}\p{{M}}*){letter}\.?"),
        regex.compile(rf"(?V1)\.{letter}(?:\.|(?![\p{{L}}\p{{M}}]))|{letter}\."),
    )
    for script in ("Latin", "Cyrillic", "Greek")
    for letter in [rf"[\p{{{script}}}&&[\p{{Lu}}\p{{Ll}}]]"]
)
"""Before and behind a place between the letters of an abbreviation such as U.S.A., by script."""
_LONGEST_PREFIX = 12
_PLAIN = regex.compile("[A-Za-z0-9]*")
_FARTHEST = 8
"""Invisible clusters or connectors that are looked beyond; a bound on time."""


class _Kind(Enum):
    """What a grapheme cluster is to the words beside it."""

    WORD = 1
    CASELESS = 2
    """A word character of a script without case."""
    ENCLOSED = 3
    """A letter in a circle or a box; together they may spell a word."""
    CONNECTOR = 4
    FORMAT = 5
    """Invisible: what it follows decides."""
    OTHER = 6


_APART = frozenset({_Kind.CASELESS, _Kind.ENCLOSED})
"""Letters that make no word with those of another kind."""


class Borders:
    """Where in a text a name may begin and end; never inside a grapheme cluster."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._edges = _edges(text)
        self._plain = text.isascii() and "\r\n" not in text

    def opens(self, at: int) -> bool:
        """Whether a name may begin at the offset: after a word border or attached prefixes."""
        return self.between(at) or self._after_prefix(at) or self._after_escape(at)

    def closes(self, at: int) -> bool:
        """Whether a name may end at the offset: before a word border or an attached suffix."""
        return self.between(at) or (self.is_edge(at) and self._before_suffix(at))

    def next_opening(self, at: int) -> int:
        """Return the first offset from ``at`` on where a name may begin, or the text's length."""
        while at < len(self._text) and not self.opens(at):
            at = max(at + 1, _PLAIN.match(self._text, at).end())
        return at

    def between(self, at: int) -> bool:
        """Whether the offset is a word border.

        An apostrophe, period or colon between letters is one too, unlike in UAX 29, since
        names have endings (``Ankara'da``), but no period of ``U.S.A.`` So is a change between a
        script without case, or letters in circles or boxes, and anything else. In scripts
        without spaces every grapheme cluster is a word.
        """
        if at in (0, len(self._text)):
            return True
        if self._is_between_initials(at):
            return False
        beside = self._text[at - 1 : at + 1]
        if self._plain and "_" not in beside:  # the one connector of ASCII
            return not beside.isalnum()
        return self.is_edge(at) and self._is_between_words(at)

    def _is_between_words(self, at: int) -> bool:
        """Whether an edge is a border by what the clusters beside it are."""
        if _PARTED.match(self._text, at - 1):
            return True
        place = bisect_left(self._edges, at)
        before, after = self._kind_beside(place, -1), self._kind_beside(place, 1)
        if _Kind.OTHER in (before, after):
            return True
        return before is not after and not _APART.isdisjoint((before, after))

    def _is_between_initials(self, at: int) -> bool:
        """Whether there is a period right here, and a letter alone on both sides of it.

        Both are of one script with case: ``U.S.が`` has a border after its last period.
        """
        if "." not in self._text[at - 1 : at + 1]:
            return False
        return any(
            before.match(self._text, 0, at) and behind.match(self._text, at)
            for before, behind in _INITIALS
        )

    def is_edge(self, at: int) -> bool:
        """Whether the offset is between grapheme clusters."""
        place = bisect_left(self._edges, at)
        return place < len(self._edges) and self._edges[place] == at

    def _before_suffix(self, at: int) -> bool:
        forms = (_SUFFIXING, _POSTPOSITION)
        return any(f.match(self._text, at) for f in forms) or is_particle(self._text, at)

    def _after_prefix(self, at: int) -> bool:
        if not (self.is_edge(at) and _PREFIXING.match(self._text, at)):
            return False
        prefix = _PREFIX.match(self._text, max(0, at - _LONGEST_PREFIX), at)
        return bool(prefix and prefix[0]) and self.between(prefix.start())

    def _after_escape(self, at: int) -> bool:
        """Whether a backslash and an n, r or t are right before a capital, in no path."""
        if self._text[at - 2 : at - 1] != "\\":
            return False
        if not (_ESCAPED.match(self._text, 0, at) and _CAPITAL.match(self._text, at)):
            return False
        return _PATH.match(self._text, 0, at) is None

    def _kind_beside(self, place: int, step: int) -> _Kind:
        """Return the kind of what is beside an edge; connectors at a word's end are emphasis."""
        kind, place = self._beside(place, step)
        if kind is _Kind.CONNECTOR and self._at_end_of_run(place, step):
            return _Kind.OTHER
        return kind

    def _at_end_of_run(self, place: int, step: int) -> bool:
        """Whether nothing of a word is beyond the connectors on this side of an edge."""
        kind = _Kind.CONNECTOR
        for _ in range(_FARTHEST):
            if kind is _Kind.CONNECTOR:
                kind, place = self._beside(place, step)
        return kind is _Kind.OTHER

    def _beside(self, place: int, step: int) -> tuple[_Kind, int]:
        """Return the kind of the next visible cluster in a direction, and its far edge."""
        for _ in range(_FARTHEST):
            following = place + step
            if not 0 <= following < len(self._edges):
                break
            start, end = sorted((self._edges[place], self._edges[following]))
            kind, place = _kind(self._text[start:end]), following
            if kind is not _Kind.FORMAT:
                return kind, place
        return _Kind.OTHER, place


def cuts_a_word(text: str) -> Callable[[tuple[int, int, str]], bool]:
    """Return whether an entity of a text (start, end, type) begins or ends inside a word.

    One that begins or ends in white space does so too.
    """
    borders: list[Borders] = []

    def cuts(entity: tuple[int, int, str]) -> bool:
        start, end, _ = entity
        if text[start].isspace() or text[end - 1].isspace():
            return True
        beside = (text[max(0, start - 1) : start + 1], text[end - 1 : end + 1])
        if not any(len(pair) > 1 and pair.isalnum() for pair in beside):
            return False
        borders[:] = borders or [Borders(text)]
        return not (borders[0].opens(start) and borders[0].closes(end))

    return cuts


def _edges(text: str) -> Sequence[int]:
    """Return the borders of grapheme clusters, the text's ends among them."""
    if text.isascii() and "\r\n" not in text:
        return range(len(text) + 1)
    return [match.start() for match in _CLUSTER.finditer(text)] + [len(text)]


@lru_cache(maxsize=4096)
def _kind(cluster: str) -> _Kind:
    first = cluster[0]
    if _FORMAT.match(first):
        return _Kind.FORMAT
    if _CONNECTOR.match(first):
        return _Kind.CONNECTOR
    if not _WORD.match(first) or _EMOJI.search(cluster) or first == _APOSTROPHE:
        return _Kind.OTHER
    if _SPACELESS.match(first) or unicodedata.decomposition(first).startswith("<super>"):
        return _Kind.OTHER
    if _ENCLOSED.match(first):
        return _Kind.ENCLOSED
    return _Kind.CASELESS if unicodedata.category(first) == "Lo" else _Kind.WORD
