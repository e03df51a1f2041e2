"""Surfaces that differ from the text in case, blanks, or marks such as periods and hyphens."""

from itertools import zip_longest

import regex

from ner_core.text.folding import typographic

_LEFT_OUT = regex.compile(r"[\s.,\"·-]")
_AND = regex.compile(r"(?<=\s)&(?=\s)")
_BEFORE_DIGIT = regex.compile(r"(?<=\p{L})(?:-|(?<!\b[AI])\s)(?=\d)")
"""F-16, F 16 and F16 are one name, but *A 10* may be of a sentence such as *A 10 percent rise*."""
_INNER_APOSTROPHE = regex.compile(
    r"(?<=\p{L}{2})(?<!(?i:qu))'(?!(?:s|d|m|t|ll|re|ve)(?!\p{L}))(?=\p{Ll})"
    r"|(?<=\bO)'(?=\p{Lu}\p{Ll})"
)
"""That of Hawai'i, Qur'an or O'Neill, but none of a genitive, contraction or article (l'Est)."""
_TRADE = regex.compile("[®©™℠]")
"""What is behind a name in the texts of companies, as in iPhone™ 15."""
_UNSPACED = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Line_Break=SA}\p{M}\s·ー-]+"
)
"""Scripts whose names are written with and without blanks, dots or hyphens between their parts."""
_PERIOD = regex.compile(
    r"(?<=(?<!\p{L})(?:\p{L}|St|Ste|Mt|Ft|Dr|Mr|Mrs|Ms|Jr|Sr|Gen|Col|Capt|Lt|Sgt|Prof|Rev|Gov|Sen|Rep|Co|Corp|Inc|Ltd|Bros))\."
    r"|(?<=\p{L})\.$"
)
"""A period after an initial or abbreviation, or behind a name."""
_COMMA = regex.compile(r",(?=\s(?:(?:\p{Lu}\.?){2,3}|(?:Inc|Ltd|Corp|Co|Jr|Sr)\.?)$)")
"""A comma before an abbreviation that ends a name, as in Kern, Jr. or Washington, DC."""
_WORDS = regex.compile(r"(?<=\S)-(?=\S)|\s+")
_LINKS = frozenset(
    "al and da de del den der des di du el for la le les of the und van von y".split()
)
"""Small words of names, which some write with a capital."""
_SHORT_END = regex.compile(r"(?:^|\s)(?:\p{Lu}|Bros|Co|Corp|Inc|Jr|Ltd|Sr)$")
_ABBREVIATED = regex.compile(r"(?<![\p{L}\p{M}])(?:\p{L}\.\s?)+\p{L}$")


def bare(text: str) -> str:
    """Return a text folded without case, and without what ``alike`` looks at."""
    return str(_LEFT_OUT.sub("", _plain(text).casefold())).replace("'", "").replace("&", "and")


def alike(surface: str, found: str) -> bool:
    """Whether a surface is a name of the text as it was found there, both the same when bare.

    Periods after initials and abbreviations, a comma before the last one, hyphens in place of
    blanks, apostrophes inside words, marks of trade, and ``&`` for *and* do not count. A word has
    its capital in the text, or is one such as *the* or *of*: with a first capital in the surface,
    beside a name that is the same in both.
    """
    if _UNSPACED.fullmatch(typographic(found)):
        return True
    pairs = list(zip_longest(_words(surface), _words(found), fillvalue=""))
    named = any(one == other and _has_capital(one) for one, other in pairs)
    return all(
        one.casefold() == other.casefold()
        and (one == other or _has_capital(other) or (named and one.istitle() and other in _LINKS))
        for one, other in pairs
    )


def ends_in_period(surface: str, found: str) -> bool:
    """Whether a period right after a name as it was found is a part of it."""
    if surface.endswith(".") and _SHORT_END.search(found):
        return True
    return any(f.search(found) for f in (_ABBREVIATED, _COMMA))


def _words(name: str) -> list[str]:
    plain = _PERIOD.sub("", _COMMA.sub("", _even(name)))
    return [str(word) for word in _WORDS.split(plain)]


def _plain(text: str) -> str:
    """Return a text folded typographically, without marks of trade."""
    return typographic(_TRADE.sub("", text))


def _even(text: str) -> str:
    """Return a plain text with *and* for ``&``, and without marks inside its words."""
    plain = _AND.sub("and", _plain(text))
    return str(_BEFORE_DIGIT.sub("", _INNER_APOSTROPHE.sub("", plain)))


def _has_capital(word: str) -> bool:
    return any(map(str.isupper, word))
