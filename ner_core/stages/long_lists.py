"""Lists of names that were cut at the limit of an answer: asked for again, with more room."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ner_core.concurrency import all_of
from ner_core.errors import EngineRequestError, PromptTooLongError
from ner_core.ports import Answer, Request
from ner_core.prompts.parsing import Parsed, parse_surfaces_object
from ner_core.stages.member import MOST_SURFACES, Member, surfaces_schema
from ner_core.text.grounding import ground
from ner_core.text.hashtags import in_hashtags
from ner_core.types import Sentence

_ROOM = (2, 4, 8)
"""How many times as long as the first answer."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A stage that lists mentions: its name, its question, its parser in style ``pattern``."""

    stage: str
    question: Callable[[Member, Sentence], Request]
    pattern: Callable[[str], Parsed]

    def parsed(self, member: Member, answer: Answer) -> Parsed:
        """Return what a member's answer lists."""
        if member.style == "pattern":
            return self.pattern(answer.text)
        return parse_surfaces_object(answer.text, member.labels.names)


async def to_their_end(
    listing: Listing, member: Member, sentences: Sequence[Sentence], answers: Sequence[Answer]
) -> list[Answer]:
    """Return the answers; one that was cut while it listed names of its sentence is longer.

    An answer stays cut if the engine has no room for more, or if more of it would not help: its
    last name is not in the sentence, it repeats itself, or (in style ``pattern``) is malformed.

    Raises:
        EngineError: the backbone gave no answer.
    """
    if member.style == "pattern" and all(answer.complete for answer in answers):
        return [*answers]
    pairs = zip(sentences, answers, strict=True)
    return await all_of(_whole(listing, member, sentence, answer) for sentence, answer in pairs)


async def _whole(listing: Listing, member: Member, sentence: Sentence, answer: Answer) -> Answer:
    text = member.sanitize(sentence.text)
    had = 1
    for room in _ROOM:
        parsed = listing.parsed(member, answer)
        full = member.style == "chat" and len(parsed.items) >= had * MOST_SURFACES
        if (answer.complete and not full) or not _goes_on(parsed, text):
            break
        longer = [_longer(listing.question(member, sentence), room)]
        try:
            [answer] = await member.ask(listing.stage, (), longer.copy)
        except (PromptTooLongError, EngineRequestError):
            break
        had = room
    return answer


def _longer(request: Request, room: int) -> Request:
    """Return the request for a list that may be so many times as long, in tokens and in items."""
    schema = request.schema and surfaces_schema(room * MOST_SURFACES)
    return request._replace(max_tokens=room * request.max_tokens, schema=schema)


def _goes_on(parsed: Parsed, text: str) -> bool:
    """Whether a list has come to a name of the text, and named none more often than it is there.

    False for a damaged list: nothing after the damage is read, however long it is.
    """
    listed = Counter(name for name, _ in parsed.items)
    found = {name: len(ground(name, text) or in_hashtags(name, text)) for name in listed}
    return (
        not parsed.damaged
        and bool(listed)
        and found[parsed.items[-1][0]] > 0
        and all(number <= max(1, found[name]) for name, number in listed.items())
    )
