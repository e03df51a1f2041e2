"""Members of an ensemble on engines that say what a test wants, for the tests of one stage."""

from collections.abc import Callable, Sequence

from ner_core.errors import PromptTooLongError
from ner_core.labels import EntityType, LabelSet
from ner_core.ports import Answer, Request
from ner_core.prompts.templates import prompts_of
from ner_core.stages.journal import Journal
from ner_core.stages.member import Member
from ner_core.testing import RuleEngine
from ner_core.types import Sentence
from support.pipelines import ensemble

LABELS = LabelSet(
    "harbor",
    (EntityType("PER", "person", "a human"), EntityType("LOC", "political place", "a country")),
)
"""Its ids differ from its names, one name has two words."""


class Saying(RuleEngine):
    """Gives every request the same answer, or the one that a function makes of it."""

    def __init__(self, model: str, answer: "str | Answer | Callable[[Request], Answer]") -> None:
        super().__init__(model)
        self.said = Answer(answer) if isinstance(answer, str) else answer
        self.priorities: list[int] = []

    async def answer(self, requests: Sequence[Request], *, priority: int = 0) -> list[Answer]:
        self.asked += requests
        self.priorities.append(priority)
        return [self.said(r) if callable(self.said) else self.said for r in requests]


def member(engine, *, style="pattern", control_tokens=(), demonstrations=None, priority=0, **modes):
    made = ensemble(engine.model, style=style, control_tokens=control_tokens, **modes)
    shown = dict.fromkeys(range(10), ()) | (demonstrations or {})
    journal, prompts = Journal(), prompts_of(None)
    return Member(made.backbone[0], engine, LABELS, made.modes, prompts, shown, journal, priority)


def sentences(*texts):
    return [Sentence("text", index, 100 * index, text) for index, text in enumerate(texts)]


class Short(Saying):
    """Leaves the last request without an answer."""

    async def answer(self, requests: Sequence[Request], *, priority: int = 0) -> list[Answer]:
        return (await super().answer(requests, priority=priority))[:-1]


class Narrow(Saying):
    """Refuses prompts with more demonstrations than it can take."""

    def __init__(self, most: int, answer: "str | Answer | Callable[[Request], Answer]") -> None:
        super().__init__("a", answer)
        self.most = most

    async def answer(self, requests: Sequence[Request], *, priority: int = 0) -> list[Answer]:
        if max(str(r.prompt).count("Text: ") - 1 for r in requests) > self.most:
            self.asked += requests
            raise PromptTooLongError(self.model, "maximum context length")
        return await super().answer(requests, priority=priority)
