"""Made-up news: documents whose names and sentences never repeat, the same for the same seed."""

import random
from collections.abc import Iterator

SENTENCES = 5
"""Per document."""

_SYLLABLES = "an bar cor del en fal gri hol in jor kel lin mar nor os pel rin sal tor ul".split()
_FORMS = (
    "{person} of {company} met {person} in {city} on Monday to talk about {number} jobs.",
    "The mayor of {city}, {person}, opened the new bridge that {company} had built for years.",
    "Shares of {company} fell by {number} percent after {person} left the board.",
    "In {city} the police asked {person} about a letter that was sent to {company}.",
    "More than {number} people came to {city} when {person} and {person} played there.",
)


def documents(number: int, seed: int, sentences: int = SENTENCES) -> Iterator[dict[str, str]]:
    """Yield documents of up to five sentences, with two or three names a sentence."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    for place in range(number):
        text = " ".join(_sentence(chance, form) for form in chance.sample(_FORMS, sentences))
        yield {"id": f"bench-{seed}-{place}", "text": text}


def _sentence(chance: random.Random, form: str) -> str:
    while "{person}" in form:
        form = form.replace("{person}", f"{_name(chance, 2)} {_name(chance, 2)}", 1)
    company = f"{_name(chance, 3)} {chance.choice(('Bank', 'Group', 'Motors'))}"
    return form.format(company=company, city=_name(chance, 3), number=chance.randrange(20, 9000))


def _name(chance: random.Random, syllables: int) -> str:
    return "".join(chance.choices(_SYLLABLES, k=syllables)).capitalize()
