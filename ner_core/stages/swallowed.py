"""Names that a person's mention swallowed, as in *President of [Argentina Alberto Fernández]*."""

import re
from collections.abc import Collection, Mapping

from ner_core.groups.forms import is_person
from ner_core.stages.marks import surface_of
from ner_core.stages.voting import Tally
from ner_core.types import Mention, Span

_OF = re.compile(r"(?<!\w)of\s+(?:the\s+)?$")
_BLANKS = re.compile(r"\s+")


def without_swallowed(elected: Mapping[Mention, Tally]) -> dict[Mention, Tally]:
    """Return the tallies of a document with persons that begin after what their office is of.

    They follow an *of*, and both the person and the name before it won a type in the document.
    """
    surfaces = {(surface_of(m), is_person(tally.winner)) for m, tally in elected.items()}
    own = {m: _own(m, surfaces) if is_person(t.winner) else m for m, t in elected.items()}
    if all(m is alone for m, alone in own.items()):
        return dict(elected)
    moved = {own[m]: tally for m, tally in elected.items() if own[m] != m}
    persons = moved | {m: t for m, t in elected.items() if own[m] == m and is_person(t.winner)}
    return {own[m]: persons.get(own[m], tally) for m, tally in elected.items()}


def _own(person: Mention, surfaces: Collection[tuple[str, bool]]) -> Mention:
    """Return the mention of a person alone; ``surfaces`` are with whether they are persons."""
    sentence, span = person
    surface = surface_of(person)
    if _OF.search(sentence.text, max(0, span.start - 20), span.start):
        for blank in _BLANKS.finditer(surface):
            name = surface[blank.end() :]
            if (surface[: blank.start()], False) in surfaces and (name, True) in surfaces:
                return sentence, Span(span.start + blank.end(), span.end)
    return person
