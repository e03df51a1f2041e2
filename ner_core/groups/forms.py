"""Forms of a name: what is one name in spite of its case, blanks, article or legal form."""

import re
from dataclasses import dataclass
from functools import lru_cache

from ner_core.groups.titles import without_title
from ner_core.text.folding import caseless
from ner_core.text.markup import without_markup

_LEGAL_FORMS = frozenset(
    "inc incorporated corp corporation co company ltd limited llc llp lp plc pty gmbh mbh ag kg "
    "kgaa ohg ug se ev sa sas sarl sl srl spa nv bv ab as asa aps oy oyj kk sdn bhd pjsc ojsc oao "
    "ooo kft zrt nyrt sro doo eood ood zao pao uab ltda lda bvba ehf & + and".split()
)
"""What companies have after their names, folded, without periods; and what joins two of them."""
_PERSONS = frozenset(
    "person per people human character politician writer scientist researcher musicalartist".split()
)
_ORGANIZATIONS = frozenset(
    "organization organisation org company corporation corp business institution".split()
)
"""Parts of type ids, as in ``org``, ``organization-company``."""
KINDS = ("person", "organization", "")
"""The kinds of types whose names have forms of their own; last that of all other types."""
_PARTS_OF_ID = re.compile(r"[^a-z]+")
_IN_BRACKETS = re.compile(r"(.+?)\s*[(\[（]\s*([^()\[\]（）]+?)\s*[)\]）]")
_POSSESSIVE = re.compile(r"'s?$")
_INITIAL = re.compile(r"(?<!\w)([^\W\d_])\.")
_UNCOUNTED = re.compile(r"[.,]+(?=\s|$)|\"")
"""Periods and commas at the end of a word, and quotes: names are written with and without."""
_AND = re.compile(r"(?<=\w)&(?=\w)")
_INITIALS = re.compile(r"(?<![\w'-])[^\W\d_](?: [^\W\d_](?![\w'-]))+")
"""Single letters side by side."""
_COUNTRIES = {
    "United States": re.compile(r"(?<![\w.])(?:US|U\. ?S\.?)(?!\.?\w)"),
    "United Kingdom": re.compile(r"(?<![\w.])(?:UK|U\. ?K\.?)(?!\.?\w)"),
}
"""Countries that longer names have in full or in short, in capitals."""
_COUNTRY_BEFORE = re.compile(rf"^(?:[Tt]he )?(?:{'|'.join(_COUNTRIES)}) ")
_ACRONYM_CHARS = range(2, 11)
_LINKS = frozenset(
    "a al an and at by da das de del della delle dem den der des di die do dos du e ed el en et "
    "for from för für het i im in into la las le les los na ni och of og on or para per por pour "
    "sur the to un und van von with y zum zur".split()
)
"""Words that names have in small letters between their capitals, and acronyms leave out."""

_ANDS = frozenset("& and e en et i och og und y".split())
"""Words that acronyms may have as ``&``, as ``PG&E`` has."""


@dataclass(frozen=True, slots=True)
class Form:
    """A name under all folds: its words, and the acronym that its mention states in brackets."""

    words: tuple[str, ...]
    acronym: str = ""


@lru_cache(maxsize=4096)
def shown(surface: str) -> str:
    """Return a surface as its readers see it: without markup, runs of blanks as one space."""
    plain = without_markup(surface)
    return " ".join((plain.text if plain else surface).split()) or surface


@lru_cache(maxsize=4096)
def form_of(name: str, type_id: str) -> Form:
    """Return the form of a name, as ``shown`` returns it, of a type.

    Words are folded (case, diacritics, quotes, dashes); initials side by side are one word. A
    possessive ending, a leading ``the``, double quotes, and periods and commas after words are
    left out; of an organization also its legal form; of a person also other quotes, and titles
    if two words are left. A short country in a longer name, such as ``US``, is in full, but not
    in a person's.
    """
    if (parts := _IN_BRACKETS.fullmatch(name)) and abbreviates(parts[2], parts[1], near=True):
        return Form(form_of(parts[1], type_id).words, letters_of(parts[2]))
    if acronym := acronym_of(name):
        return Form((caseless(acronym),))
    if is_person(type_id):
        return Form(tuple(without_title([word.strip("'") or word for word in words_of(name)])))
    words = words_of(name)
    if len(words) > 1 and (full := _in_full(name)) != name:
        words = words_of(full)
    return Form(tuple(_without_legal_form(words) if is_organization(type_id) else words))


def words_of(name: str) -> list[str]:
    """Return the folded words of a name, as ``shown`` returns it, at least one."""
    folded = caseless(name)
    words = _plain(_POSSESSIVE.sub("", folded)).split() or folded.split() or [name]
    return words[1:] if words[0] == "the" and len(words) > 1 else words


def _in_full(name: str) -> str:
    """Return a name with the countries in it in full; in capitals, only one that it begins with.

    The last word of ``TOYS R US`` is no country.
    """
    for country, short in _COUNTRIES.items():
        if not name.isupper():
            name = short.sub(country, name)
        elif begins := short.match(name):
            name = country + name[begins.end() :]
    return name


def _plain(folded: str) -> str:
    """Return a folded name without what differs from one way to write it to the next."""
    bare = _UNCOUNTED.sub("", _INITIAL.sub(r"\1 ", _AND.sub(" & ", folded)))
    return _INITIALS.sub(lambda run: run[0].replace(" ", ""), " ".join(bare.split()))


def acronym_of(name: str) -> str:
    """Return a name in capitals without its periods, such as ``US``; empty if it is not one."""
    letters = name.replace(".", "")
    fits = len(letters) in _ACRONYM_CHARS and letters.isalnum() and letters.isupper()
    return letters if fits else ""


def letters_of(name: str) -> str:
    """Return an acronym without its periods, also one such as ``PG&E``; empty if it is none."""
    letters = acronym_of(name.replace("&", ""))
    return name.replace(".", "") if letters and "&" in name else letters


def acronyms_for(name: str) -> set[str]:
    """Return the acronyms of a name of several words: its capitals, and its initials.

    Capitals of half a name, as in ``Iowa City election``, are no acronym. A country before
    a name may be left out, if three letters or more are left.
    """
    inner = _COUNTRY_BEFORE.sub("", _in_full(name))
    return _acronyms(name) | {a for a in _acronyms(inner) if inner != name and len(a) > 2}  # noqa: PLR2004


def _acronyms(name: str) -> set[str]:
    words = name.replace("-", " ").split()
    if len(words) < 2:  # noqa: PLR2004 - several words
        return set()
    small = {word for word in words if not any(map(str.isupper, word))}
    whole = all(word in _LINKS or not any(map(str.isalnum, word)) for word in small)
    capitals = "".join(c for c in name if c.isupper() and whole)
    initials = "".join(word[0] for word in words).upper()
    joined = "".join("&" if word in _ANDS else word[0] for word in words).upper()
    return {a for a in (capitals, initials, joined) if letters_of(a)}


def abbreviates(short: str, name: str, *, near: bool = False) -> bool:
    """Whether an acronym is that of a name.

    ``near``: one is in brackets after the other, so the letters need only occur in order in
    the name or in its last words, two at least, the first of them first.
    """
    acronym = letters_of(short)
    if not acronym or letters_of(name):
        return False
    return acronym in acronyms_for(name) or (
        near and _near(caseless(acronym.replace("&", "")), caseless(name))
    )


def _near(acronym: str, name: str) -> bool:
    words = name.split()
    ends = [" ".join(words[at:]) for at in range(max(1, len(words) - 1))]
    return any(_in_order(acronym, end) for end in ends)


def kind_of(type_id: str) -> str:
    """Return of which of ``KINDS`` a type is, by its id: names of one kind have one form."""
    if is_person(type_id):
        return "person"
    return "organization" if is_organization(type_id) else ""


@lru_cache(maxsize=1024)
def is_person(type_id: str) -> bool:
    """Whether a type is one of persons, by its id."""
    return bool(_PERSONS & _parts(type_id))


@lru_cache(maxsize=1024)
def is_organization(type_id: str) -> bool:
    """Whether a type is one of organizations, by its id."""
    return bool(_ORGANIZATIONS & _parts(type_id))


def _parts(type_id: str) -> set[str]:
    return set(_PARTS_OF_ID.split(type_id.lower()))


def _without_legal_form(words: list[str]) -> list[str]:
    kept = len(words)
    while kept > 1 and words[kept - 1].replace(".", "") in _LEGAL_FORMS:
        kept -= 1
    return words[:kept]


def _in_order(letters: str, text: str) -> bool:
    rest = iter(text)
    return text.startswith(letters[0]) and all(letter in rest for letter in letters)
