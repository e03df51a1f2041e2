"""Breaks after a period that end no sentence: abbreviations, ordinals, names with a period."""

import sys
from collections.abc import Iterable, Iterator

import regex

from ner_core.text.languages import Language

_NO_NAME = (sys.maxsize, sys.maxsize)
_BEFORE = 40
"""Code points before a break that are looked at."""
_AFTER = 100
"""And after it; a bound on time, because a match looks for its brackets in the whole text."""
_LAST_WORD = regex.compile(
    r"(?<![\p{L}\p{M}\d])([\p{L}\p{M}\d]+(?:(?:[.-]|(?<=\bo)\.\s(?=o\.))[\p{L}\p{M}\d]+)*)\.\s*$"
)
"""With the Polish o. o. of a company as one: it may end a sentence, the o. of a monk not."""
_CONTRACTED = regex.compile(
    r"(?!(?:Jr|Sr|Ltd|Bhd|Pvt|Pty|Kft)$)(?!.*(.)\1$)[B-DF-HJ-NP-TV-XZÇČĆĐŁÑŚŠŹŻŽ]"
    r"[b-df-hj-np-tv-xzßçčćđłñśšźžż]{1,4}"
)
"""A capital and consonants, such as Th, Chr or Mt, but not those that follow a name, nor Hmm."""
_INITIAL = regex.compile(r"(?!I$)\p{Lu}|(?=\p{L})[\p{Arabic}\p{Hebrew}\p{Georgian}]\p{M}*")
_INDIC = (
    r"(?:(?=\p{L})[\p{Devanagari}\p{Bengali}\p{Gurmukhi}\p{Gujarati}\p{Tamil}\p{Telugu}\p{Kannada}"
    r"\p{Malayalam}]\p{M}*){1,4}"
)
_INDIC_INITIALS = regex.compile(rf"{_INDIC}(?:\.{_INDIC})+")
"""Short pieces with periods between them, as in the Tamil party தி.மு.க."""
_BEFORE_NAME = regex.compile(
    r"(?:\p{Lu}\p{Ll}+(?:['’][lnry]|[vp]['’]t)|(?<![\p{L}\d'‘\"“])[GO]['’‘])\.\s*$"
)
"""Int'l, Ass'n or Gov't, or an Uzbek initial."""
_TWO_LETTERS = regex.compile(r"(?<!\p{L})(\p{Lu}\.\s*)?(?:Y[aeu]|IJ)\.\s*$")
"""Initials of Russian names in Latin letters and of Dutch ones; alone, they may be a last name or
a river."""
_AN_INITIAL = regex.compile(r"\s*\p{Lu}\.")
_MEASURED = regex.compile(r"\d\s*\p{Georgian}\.\s*$")
"""A Georgian year or unit."""
_COMPANY = frozenset({"Ltd", "Bhd", "LLC", "Plc", "PLC", "GmbH"})
_BEFORE_COMPANY = frozenset({"Co", "Pte", "Pty", "Pvt", "Sdn"})
"""Kinds of companies, which begin no sentence after an abbreviation, as in Pty. Ltd."""
_BEGINNING = frozenset(
    "A After An And As At But By For From He Her His How I If In It Its My No Now On Our She So "
    "That The Their Then There These They This Those To We What When Who Why With Yes You "
    "Your".split()
)
"""Words that begin a sentence, and no name behind an abbreviation such as Int'l."""
_TITLE = regex.compile(r"[《『][^《》『』。]{0,40}")
_TITLE_ENDED = regex.compile(r"[^《》『』]{0,40}[》』]")
"""A title between brackets of East Asia, which may have a mark inside."""
_UNSTOPPED = regex.compile(r".*[\p{Thai}\p{Lao}]")
"""A word of a script whose sentences end without a period: its period abbreviates."""
_ORDINAL = regex.compile(r"[1-9]\d{0,2}|[IVXL]+")
_BEFORE_ORDINAL = regex.compile(r"(?:^|[\s(\[\"'\p{Pi}\p{Pf}„‚])$")
_AFTER_NAME = regex.compile(r"\w\s+\p{Lu}(?!\p{Lu})[\p{L}\p{M}]*\s+$")
_ITEM = regex.compile(r"\s*\d{1,3}\.\s*")
_GLUED_TO_NUMBER = regex.compile(r"(?<=[^\P{Nd}0-9]\.)[^\P{Nd}0-9]")
"""A period between digits of another script than Latin."""
_GLUED_TO_LATIN = regex.compile(
    r"(?<=\p{Latin}[.\uff0e])[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\uff10-\uff19]"
)
"""Texts of East Asia abbreviate Latin words with a period, and end no sentence with one."""
_AFTER_QUOTE = regex.compile(
    r"(?<=[」』])(?:と(?!こ|に|は|き|も)|を|が|の(?!ち)|って|という|[はに](?=[\p{Han}\p{Katakana}、]))"
    r"|(?<=[\"'”’」』])\p{Hangul}"
)
"""The particle after a quotation in Japanese or Korean."""
_GLUED_MARK = regex.compile("(?<=\\.)[-\u2010-\u2014/,)\\]]|(?<=\\d\\.)[ºª]|(?<=[?!]['’])s\\b")
"""What no sentence begins with: the dash of a dateline, the ordinal sign, an s behind Wham!'"""
_NEW_WORD = regex.compile(r"\W|\p{Lu}\p{Ll}{3}")
_GLUED = regex.compile(r"(?:^|[\s(\"'“„«])\.$")
_DOTTED = regex.compile(
    r"(?<=\p{L}\.)\p{Lu}[\p{Lu}.]|(?<=\.\p{Lu}\.)(?!\p{Lu}\p{Ll}{3})\p{Lu}"
    r"|(?<=(?<!\p{L})\p{L}\.)\p{L}\.|(?<=\.\p{Lu}\.)\p{Cyrillic}"
)
"""A period inside a name such as ASP.NET or Toys.R.Us, or inside an abbreviation such as a.C.

Russian surnames are often right after two initials.
"""
_SAID = regex.compile(r"\s*[-–—]\s*\p{Ll}")
"""A dash and a word of small letters: who said what is before them."""
_CREDIT = regex.compile(r"\s*\([^()\n]{2,40}\)[\s.]*[-–—_=]")
"""What follows the place and date of a dateline: an agency and a dash."""
_ASIDE = regex.compile(r"\s*\([^()\n]{1,80}\)\s*(?:\p{Ll}|[,;])")
"""Brackets with small letters after them: the sentence of what is before goes on."""
_EXCLAIMED = regex.compile(r"[?!][\"'”’»]*\s*$")
_EXCLAIMED_NAME = regex.compile(r"(?<![\p{L}\d])(\p{Lu}[\p{L}\p{M}\d]*[?!])\s*$")
"""A word with a capital, as in Kerrang! or Wham!"""
_HOUR = regex.compile(r"(?i)\d\s?[ap]\.\s?m\.\s*$")
_ZONE = regex.compile(
    r"\s*\(?(?:UTC|\p{Lu}{1,4}T"
    r"|(?:Eastern|Central|Western|Mountain|Pacific|Atlantic|Greenwich)(?:\s\p{Lu}\p{Ll}+){0,2}\s[Tt]ime"
    r"|(?!(?:Any|Each|Every|More|Much|No|Some|That|The|This)\s)\p{Lu}\p{Ll}+(?:\s\p{Lu}\p{Ll}+){0,2}\s[Tt]ime(?!\s\p{Ll}))"
    r"(?![\w&])"
)
"""The time zone of an hour, as in EDT or Tongan time; *Next time we* begins a sentence."""
_OPENED = regex.compile(r"\s[\"'“„‘’«]$")
"""A quote or apostrophe after a blank: what follows it at once begins with it."""
_CLOSED = regex.compile("[」』》〉】）］]+")
_YEAR = regex.compile(r"\s*\((?:19|20)\d\d\)")
"""What follows the title of a film."""
_LETTER = regex.compile(r"\p{L}")
_SHORT = 4
"""Letters of the longest abbreviation that a word of small letters shows to be one."""
_FOLLOWING = regex.compile(r"[\s\"'“„«(]*(?!https?:)([\p{L}\d][\p{L}\p{M}\d]*)")


def joined(text: str, breaks: Iterable[int], language: Language) -> Iterator[int]:
    """Yield the offsets of ``breaks``, in order, that do end a sentence.

    One right after an opening quote or apostrophe is moved before it, one right before a
    closing bracket of East Asia after it.
    """
    begin = 0
    for at in (_beside_quote(text, at) for at in breaks):
        if not _goes_on(text, begin, at, language):
            yield at
            begin = at


def _beside_quote(text: str, at: int) -> int:
    """Return a break, or the place beside the quote that it cuts off its words."""
    if closed := _CLOSED.match(text, at):
        return int(closed.end())
    opened = _OPENED.search(text, max(0, at - 2), at) and not text[at : at + 1].isspace()
    return at - 1 if opened else at


def outside(breaks: Iterable[int], names: Iterable[tuple[int, int]]) -> Iterator[int]:
    """Yield the offsets of ``breaks`` that are inside no name; both in order."""
    ordered = iter(names)
    start, end = next(ordered, _NO_NAME)
    for at in breaks:
        while end <= at:
            start, end = next(ordered, _NO_NAME)
        if at <= start:
            yield at


def _goes_on(text: str, begin: int, at: int, language: Language) -> bool:
    """Whether the sentence that began at ``begin`` goes on after ``at``."""
    before = text[max(begin, at - _BEFORE) : at]
    if _is_one_with(before, text, at):
        return True
    last, following = _LAST_WORD.search(before), _FOLLOWING.match(text, at)
    if _EXCLAIMED.search(before) and _SAID.match(text, at):
        return True
    if following is None:
        return False
    if _is_one_name(before, last and last[1], following[1]):
        return True
    small = following[1].islower() and _has_capitals(text, begin)
    if last is None:
        exclaimed = _EXCLAIMED_NAME.search(before)
        return exclaimed is not None and (
            small or _is_in_name(exclaimed[1], before, text, following, language)
        )
    return (
        (
            _is_abbreviation(last[1], language)
            and not _begins(before, last[1], following[1], language)
        )
        or (small and sum(map(str.isalpha, last[1])) <= _SHORT)
        or bool(_ITEM.fullmatch(text, begin, at))
        or _is_ordinal(before[: last.start()], last[1], following[1], language)
    )


def _is_one_with(before: str, text: str, at: int) -> bool:
    """Whether what follows belongs to what is before, whatever the words are."""
    glued = (_GLUED_MARK, _GLUED_TO_NUMBER, _GLUED_TO_LATIN, _AFTER_QUOTE)
    if any(form.match(text, at, at + _AFTER) for form in (*glued, _DOTTED, _CREDIT, _ASIDE)):
        return True
    if _HOUR.search(before) and _ZONE.match(text, at):
        return True
    if _is_beside_initial(before, text, at):
        return True
    if before.endswith("》") or _is_in_title(before, text, at):
        return True
    return bool(_GLUED.search(before)) and not _NEW_WORD.match(text, at)


def _is_one_name(before: str, last: str | None, following: str) -> bool:
    """Whether a word goes on with a name after an abbreviation such as Pty. or Int'l."""
    if last in _BEFORE_COMPANY and following in _COMPANY:
        return True
    return following not in _BEGINNING and _BEFORE_NAME.search(before) is not None


def _is_beside_initial(before: str, text: str, at: int) -> bool:
    """Whether Yu. or the like has another initial before or behind it."""
    found = _TWO_LETTERS.search(before)
    return found is not None and bool(found[1] or _AN_INITIAL.match(text, at))


def _is_in_title(before: str, text: str, at: int) -> bool:
    """Whether a break is between the brackets of a title."""
    begun = max(before.rfind("《"), before.rfind("『"))
    return (
        begun >= 0
        and _TITLE.fullmatch(before, begun) is not None
        and _TITLE_ENDED.match(text, at) is not None
    )


def _is_in_name(
    word: str, before: str, text: str, following: regex.Match[str], language: Language
) -> bool:
    """Whether the exclamation or question mark at the end of a word is inside a name."""
    return (
        following[1] in language.after_exclaimed
        or text.startswith(word, following.start(1))
        or bool(_YEAR.match(text, following.start()))
        or _ends_in_name(before.rstrip(), language)
    )


def _ends_in_name(before: str, language: Language) -> bool:
    """Whether a text ends in a name that has an exclamation or question mark."""
    names = (name for name in language.exclaimed if before.endswith(name))
    return any(not before.removesuffix(name)[-1:].isalnum() for name in names)


def _has_capitals(text: str, begin: int) -> bool:
    """Whether a sentence begins with a capital, as the next one would."""
    first = _LETTER.search(text, begin)
    return first is not None and first[0].isupper()


def _is_abbreviation(word: str, language: Language) -> bool:
    end = word.rpartition("-")[2]
    if not language.abbreviations.isdisjoint((word, end)):
        return True
    contracted = language.has_vowels and bool(_CONTRACTED.fullmatch(end))
    return contracted or any(
        form.fullmatch(word) for form in (_INITIAL, _INDIC_INITIALS, _UNSTOPPED)
    )


def _begins(before: str, word: str, following: str, language: Language) -> bool:
    """Whether a sentence begins after a degree such as Dr. phil., or after a measure."""
    degree = word in language.small and following in language.beginnings
    return degree or _MEASURED.search(before) is not None


def _is_ordinal(before: str, word: str, following: str, language: Language) -> bool:
    """Whether the word is an ordinal; a number after a name, as in Apollo 13, is none."""
    goes_on = following[0].islower() or following.isdigit()
    if language.has_ordinals and word.isdigit() and goes_on:
        return True
    if not _ORDINAL.fullmatch(word) or not _BEFORE_ORDINAL.search(before):
        return False
    if following in language.clubs:
        return word.isdigit()
    return language.has_ordinals and not (word.isdigit() and _AFTER_NAME.search(before))
