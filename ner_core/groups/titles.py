"""Titles before the names of persons, such as Prime Minister."""

from collections.abc import Sequence

_TITLES = frozenset(
    "admiral ambassador archbishop attorney brigadier candidate captain cardinal ceo chairman "
    "chairperson chairwoman chancellor chief colonel commander commissioner congressman "
    "congresswoman councillor councilman councilwoman deputy dr emperor empress general governor "
    "judge justice lieutenant major mayor minister mp officer premier president prof professor "
    "rabbi representative rev reverend secretary sen senator sergeant sheriff speaker spokesman "
    "spokesperson spokeswoman sultan superintendent "
    "bundeskanzler bundeskanzlerin kanzler kanzlerin ministerin prasident prasidentin".split()
)
_FIRST_TITLES = frozenset("bishop king pope prince princess queen".split())
"""Titles that are also last names: they count as the first word alone."""
_OF_FIRST_NAMES = frozenset("emperor empress king pope prince princess queen sultan".split())
_COURTESIES = frozenset(
    "aunt dame don dona frau herr lady lord madam madame master miss monsieur mr mrs ms saint "
    "signor signora sir st uncle".split()
)
_AFTER_NAMES = frozenset("jr sr ii iii iv".split())
BEFORE_PLACES = frozenset("at from in of".split())
_NO_NAMES = BEFORE_PLACES | frozenset("der des for the these".split())
"""What continues a title: the *King of Athens* is not called *Athens*."""


def untitled(words: Sequence[str]) -> Sequence[str]:
    """Return the folded words of a person's name after its last title; all if none are left."""
    for at in range(len(words) - 1, 0, -1):
        rest = words[at:]
        if _ends_in_title(words[:at]) and rest[0] not in _NO_NAMES and set(rest) - _AFTER_NAMES:
            return rest
    return words


def last_name(words: Sequence[str]) -> Sequence[str]:
    """Return what follows the title of a person, in folded words; nothing without a title.

    Nothing also after a title such as King: what follows is a first name.
    """
    rest = untitled(words)
    titled = len(rest) < len(words) and words[-len(rest) - 1] not in _OF_FIRST_NAMES
    return rest if titled else ()


def without_title(words: list[str]) -> list[str]:
    """Return a person's name without its titles if two words or more are left.

    Mayor Kern and Judge Kern may be two persons.
    """
    rest = untitled(words)
    return list(rest) if len(set(rest) - _AFTER_NAMES) > 1 else words


def may_have_title(name: Sequence[str]) -> bool:
    """Whether a full name, in folded words, may be that of a person known by title and last name.

    Names with another title may not, nor those with a courtesy: Captain Kern is not Miss Kern.
    """
    return len(name) > 1 and name[0] not in _COURTESIES and untitled(name) == name


def is_titled(name: Sequence[str], other: Sequence[str]) -> bool:
    """Whether a name, in folded words, is another of two words or more after a title."""
    before = name[: -len(other)]
    if len(other) < 2 or not before or name[-len(other) :] != other:  # noqa: PLR2004
        return False
    titled = any(_ends_in_title(before[:at]) for at in range(1, len(before) + 1))
    return titled and before[-1] not in _NO_NAMES


def _ends_in_title(words: Sequence[str]) -> bool:
    """Whether words before a name end in a title, such as Secretary-General."""
    is_first = len(words) == 1 and words[0] in _FIRST_TITLES
    return is_first or words[-1].rpartition("-")[2] in _TITLES
