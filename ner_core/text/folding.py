"""Folded forms of a text in which each code point knows where it came from."""

import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator

import regex

from ner_core.text.borders import Borders
from ner_core.types import Span

_CLUSTER = regex.compile(r"\X")
_SINGLE, _DOUBLE = "‘’‚‛′‵`´ʼʻʽʾʿʹꞌ՚‹›＇׳", "“”„‟«»″‶＂״〝〞"
_DOTS, _SLASHES, _LETTERS = "・‧•∙⋅＝゠", "⁄∕⧸", ("يك", "یک")
"""Dots between the parts of a foreign name in Chinese or Japanese; letters of Persian keyboards."""
_ALIKE = str.maketrans(
    _SINGLE + _DOUBLE + _DOTS + _SLASHES + _LETTERS[0],
    "'" * len(_SINGLE) + '"' * len(_DOUBLE) + "·" * len(_DOTS) + "/" * len(_SLASHES) + _LETTERS[1],
) | str.maketrans({"œ": "oe", "Œ": "Oe", "æ": "ae", "Æ": "Ae"})
_ALIKE |= {
    byte: bytes((byte,)).decode("cp1252").translate(_ALIKE)
    for byte in b"\x82\x84\x91\x92\x93\x94\x96\x97\x8a\x9a\x8c\x9c\x8e\x9e\x9f"
}
"""Quotes, dashes and letters of Windows-1252 in a text that was decoded as Latin-1."""
_ALIKE |= str.maketrans("髙﨑𠮷濵桒栁槗", "高崎吉濱桑柳橋")
"""Forms of a character in Japanese family names that Unicode does not decompose."""
_ALIKE |= str.maketrans("ёЁأإآٱ", "еЕاااا")
"""Dots and hamzas that Russian and Arabic may leave out."""
_ZEROS = "٠۰०০੦૦୦௦౦೦൦๐໐༠၀០"
"""Of the digits of scripts that name with ours, too, as in ``كوفيد-١٩``."""
_ALIKE |= {ord(zero) + digit: str(digit) for zero in _ZEROS for digit in range(10)}
_UNMARKED_LETTERS = str.maketrans("łøđħŧðıŁØĐĦŦÐ", "lodhtdiLODHTD") | str.maketrans(
    {"ß": "ss", "ẞ": "SS", "þ": "th", "Þ": "Th"}
)
"""Letters whose stroke or missing dot is no mark to Unicode, and what has no other plain form."""
_DIGRAPHS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "đ": "dj"}
    | {"Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Å": "Aa", "Ø": "Oe", "Đ": "Dj"}
)
"""How German, the languages of the North and Serbian write these letters without their marks."""
_NASAL = regex.compile("[ङञणनम]\u094d(?=[क-ह])|\u0901")
_NUKTA = "\u093c"
"""Hindi may write a nasal as a dot, and leave out the dot below a letter of another language."""
_OTHER_LETTERS = str.maketrans("ةى濱澤邊邉齋齊德瀨", "هی浜沢辺辺斎斉徳瀬")
"""With dots or without at the end of an Arabic word; old and new in Japanese family names."""
_DASH = regex.compile("[\\p{Pd}\u2212\u2043\u02d7]")
_UNSEEN = regex.compile(
    "[\\p{Default_Ignorable_Code_Point}\u0640"  # and what stretches Arabic words
    "\u064b-\u0652\u0670\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]"  # and optional vowels
    "|(?<=\\p{Cyrillic})[\u0300\u0301]"  # and stress
)
_EMPHASIS = regex.compile(r"[*_~`\\]")
_SPACING = regex.compile(r"[\s'\"-]")
_UNSEEN_BLANK = regex.compile("[\u200b\u200c]")
_BROKEN = regex.compile(r"(?<=\p{L})- (?=\p{Ll})")
_WORD_OR_DASH = regex.compile(r"[\p{L}\p{M}\p{N}]+|\s?-\s?")
_BLANK = regex.compile(r"\s+")
_INITIAL_OR_HYPHEN = r"(?:(?<![\p{L}\p{M}\d])\p{L}\.|[\p{L}\d]-)"
_UNBLANKED = regex.compile(rf"{_INITIAL_OR_HYPHEN}$")
_BLANK_TO_IGNORE = regex.compile(rf"{_INITIAL_OR_HYPHEN} ")
_MARK = regex.compile(r"\p{Mn}")
_MARKED = regex.compile(r"([\p{Latin}\p{Greek}])\p{Mn}+")


class FoldedText:
    """A text under a fold of its grapheme clusters; runs of blanks are one space.

    A blank after an initial with a period, or after the hyphen of a broken line, is none.
    """

    def __init__(self, text: str, fold: Callable[[str], str]) -> None:
        folded: list[str] = []
        self._starts, self._ends = array("I"), array("I")
        """By code point of the folded text: the bounds of its grapheme cluster."""
        for match in _CLUSTER.finditer(text):
            for character in fold(match[0]):
                if character != " " or not _takes_no_blank(folded):
                    folded.append(character)
                    self._starts.append(match.start())
                    self._ends.append(match.end())
        self._text, self._fold = "".join(folded), fold

    def occurrences(self, surface: str, borders: Borders) -> Iterator[Span]:
        """Yield where the surface occurs under the fold, left to right, without overlap.

        Spans are those of the text itself, between its borders.
        """
        wanted = FoldedText.of(surface, self._fold)
        at = self._text.find(wanted) if wanted else -1
        while at >= 0:
            following = at + len(wanted)
            span = Span(self._starts[at], self._ends[following - 1])
            bordered = self._is_whole(at, following - 1) and borders.opens(span.start)
            if bordered := bordered and borders.closes(span.end):
                yield span
            at = self._text.find(wanted, following if bordered else self._opening(at + 1, borders))

    def _opening(self, at: int, borders: Borders) -> int:
        """Return the first place from ``at`` on where a name may begin, or the length."""
        if at < len(self._text):
            return bisect_left(self._starts, borders.next_opening(self._starts[at]), at)
        return at

    @staticmethod
    def of(surface: str, fold: Callable[[str], str]) -> str:
        """Return a surface under a fold, without outer blanks."""
        return FoldedText(surface, fold)._text.strip()  # noqa: SLF001 - its own

    def _is_whole(self, first: int, last: int) -> bool:
        """Whether no grapheme cluster is cut by the range of the folded text."""
        begins = first == 0 or self._starts[first - 1] != self._starts[first]
        ends = last + 1 == len(self._starts) or self._starts[last + 1] != self._starts[last]
        return begins and ends


def _takes_no_blank(folded: list[str]) -> bool:
    """Whether a blank after a folded text makes no difference."""
    before = "".join(folded[-3:])
    return before.endswith(" ") or bool(_UNBLANKED.search(before))


def typographic(text: str) -> str:
    """Return a text with plain blanks, dashes, dots and quotes, without invisible characters.

    It is composed. In ASCII only blanks and the grave accent have another form.
    """
    if text.isascii():
        plain = text.replace("`", "'")
        single = text.isprintable() and "  " not in text
        return plain if single else str(_BLANK.sub(" ", plain))
    composed = unicodedata.normalize("NFKC", text.translate(_ALIKE)).translate(_ALIKE)
    return str(_BLANK.sub(" ", _DASH.sub("-", _UNSEEN.sub("", composed))))


def is_plain(text: str) -> bool:
    """Return whether a text is its own ``FoldedText`` under ``typographic``."""
    return typographic(text) == text and not _BLANK_TO_IGNORE.search(text)


def unemphasized(text: str) -> str:
    """Return a text folded typographically, and without the characters of Markdown emphasis."""
    return typographic(_EMPHASIS.sub("", text))


def unspaced(text: str) -> str:
    """Return a text folded typographically, and without blanks, dashes and quotes."""
    return str(_SPACING.sub("", typographic(text)))


def words(text: str) -> list[str]:
    """Return the words of a text, folded typographically, and the dashes between them.

    A word that was broken at the end of a line is whole. The invisible characters between
    words, a space without width and the non-joiner of Persian, part words too.
    """
    visible = typographic(_UNSEEN_BLANK.sub(" ", text))
    return [str(word) for word in _WORD_OR_DASH.findall(_BROKEN.sub("", visible))]


def caseless(text: str) -> str:
    """Return a text folded typographically, without case or diacritics; capitals may lack these."""
    plain = typographic(text)
    if plain.isascii():
        return plain.casefold()
    plain = str(_MARK.sub("", unicodedata.normalize("NFKD", plain)))
    return plain.casefold().translate(_UNMARKED_LETTERS)


def digraphs(text: str) -> str:
    """Return a text folded typographically, with two plain letters for an umlaut or the like.

    Other letters of Latin and Greek are without their diacritics.
    """
    plain = typographic(text)
    return plain if plain.isascii() else _without_marks(plain.translate(_DIGRAPHS))


def unmarked(text: str) -> str:
    """Return a text folded typographically, without the diacritics of Latin and Greek letters.

    Final letters of Arabic are the same with and without dots; so are letters of Hindi, and old
    and new forms in Japanese family names.
    """
    plain = typographic(text)
    if plain.isascii():
        return plain
    plain = plain.translate(_OTHER_LETTERS)
    return _without_marks(_NASAL.sub("\u0902", plain).replace(_NUKTA, ""))


def _without_marks(text: str) -> str:
    plain = str(_MARKED.sub(r"\1", unicodedata.normalize("NFKD", text)))
    return unicodedata.normalize("NFC", plain).translate(_UNMARKED_LETTERS)
