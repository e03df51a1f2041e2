"""Names in another case or number than a model wrote them, as in Merkels, Путина or Warszawie."""

from functools import lru_cache

import regex

from ner_core.types import Span

_ENDINGS = {
    "Latin": """
        s es a u ą ę ů owi owie em iem ie ów om ami ach ej ego emu ym im ych ich
        ou ovi ové ého ému ém ům ech om ama ima ssa ssä sta stä lla llä lta ltä lle ksi
        ban ben nak nek ból ből ról ről tól től val vel
    """,
    "Cyrillic": """
        а я о е ё у ю ы и ь й і ї ом ем ём ой ей ою ею ого его ому ему ым им ых их ыми ими ую юю
        ая яя ое ее ые ие ов ев ёв ам ям ами ями ах ях ия ии ию ией ием ів їв ові еві єві єю ію ії
    """,
    "Arabic": "ا ًا اً",
    "Greek": "α ά η ή ο ό ι ε ου ού ων ών ς ας άς ης ής ος ός ους ούς οι οί ες ές ον όν ην ήν",
}
"""By script. Those that make another word of a name, such as -an and -ian, are none of them."""
_FINAL = {
    "Latin": "aeiouyąęáéíóúý",
    "Cyrillic": "аеёиоуыьэюяйіїє",
    "Greek": "αάεέηήιίοόυύωώς",
    "Arabic": "",
}
"""Letters of the form that a name is listed in, which another ending may replace."""
_REPLACING = {"Latin": "y i e o"}
"""Endings only in place of a final letter: added, they make Germany of German."""
_MAY_BE_DROPPED = "ς"
"""A final letter that no other needs to replace."""
_SHORTEST = {"Latin": 4, "Cyrillic": 3, "Greek": 3, "Arabic": 3}
"""Letters that another ending may follow; fewer may only have an s."""
_MOST_WORDS = 8
"""Of a name that has other forms; a bound on time."""

_OF_SCRIPT = {
    name: regex.compile(rf"\p{{{name}}}[\p{{{name}}}\p{{M}}\p{{Pd}}]*") for name in _ENDINGS
}


def inflected(surface: str, text: str) -> tuple[Span, ...]:
    """Return where a text has a name in other forms, as whole words, without overlap."""
    words = surface.split()
    forms = [_forms(word) for word in words[: _MOST_WORDS + 1]]
    if len(words) > _MOST_WORDS or forms == [regex.escape(word) for word in words]:
        return ()
    found = _compiled(r"\s+".join(forms)).finditer(text)
    return tuple(Span(*match.span()) for match in found)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> regex.Pattern[str]:
    return regex.compile(rf"\b{pattern}\b")


def _forms(word: str) -> str:
    """Return a pattern of a word and its other forms; in small letters it has none."""
    own, script = str(regex.escape(word)), _script(word)
    if not script or word.islower() or len(word) == 1:
        return own
    if word.isupper() or len(word) < _SHORTEST[script]:
        return f"{own}s?" if script == "Latin" else own
    endings, stem = "|".join(_ENDINGS[script].split()), word[:-1]
    if word[-1] not in _FINAL[script] or len(stem) < _SHORTEST[script]:
        return f"{own}(?:{endings})?"
    replacing = "|".join([endings, *_REPLACING.get(script, "").split()])
    bare = "|" if word[-1] in _MAY_BE_DROPPED else ""
    return f"(?:{own}(?:{endings})?|{regex.escape(stem)}(?:{replacing}{bare}))"


def _script(word: str) -> str:
    """Return the script of a word of letters, if its languages add endings to names."""
    fitting = (name for name, form in _OF_SCRIPT.items() if form.fullmatch(word))
    return next(fitting, "")
