"""A backbone at work on one document: how its questions look, and how they are asked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ner_core.ensemble import Backbone, Modes
from ner_core.errors import PromptTooLongError
from ner_core.labels import LabelSet
from ner_core.ports import Answer, Engine, Message, Request
from ner_core.prompts.few_shot import show
from ner_core.prompts.templates import Prompts
from ner_core.stages.journal import Journal
from ner_core.text.sanitize import shown
from ner_core.types import NONE, Demonstration, Notice, Sentence

_LABEL_TOKENS = 16
_YES_NO = {"pattern": (" yes", " no"), "chat": ("yes", "no")}
_SURFACES: dict[str, Any] = {
    "type": "object",
    "properties": {"entities": {"type": "array", "items": {"type": "string"}, "maxItems": 64}},
    "required": ["entities"],
    "additionalProperties": False,
}


@dataclass(slots=True)
class Member:
    """One backbone with all that its questions about a document are made of.

    ``limit`` is the number of demonstrations it is shown; it falls when a prompt is
    over the model's context, for the whole document, so that prefixes stay shared.
    """

    backbone: Backbone
    engine: Engine
    labels: LabelSet
    modes: Modes
    prompts: Prompts
    demonstrations: Mapping[int, tuple[Demonstration, ...]]
    journal: Journal
    priority: int = 0
    limit: int = 1_000

    @property
    def name(self) -> str:
        """Name of the backbone."""
        return self.backbone.name

    def shown(self, text: str) -> str:
        """Give a text as this model may see it."""
        return shown(text, self.backbone.control_tokens)

    def rough(self, sentence: Sentence) -> Request:
        """Stage 1a: mentions without types or demonstrations."""
        style = self.backbone.style
        text = self.prompts.rough(style, self.shown(sentence.text))
        return self._listing(text + self.prompts.question(style, "names"))

    def extract(self, sentence: Sentence) -> Request:
        """Stage 2: list the mentions."""
        question = self.prompts.question(self.backbone.style, "extract")
        return self._listing(self._prefix(sentence) + question)

    def classify(self, sentence: Sentence, surface: str) -> Request:
        """Stage 3: one of the types, or none."""
        question = self.prompts.question(self.backbone.style, "classify", surface=surface)
        choices = (*self.labels.names, NONE)
        return self._choosing(self._prefix(sentence) + question, choices, '"')

    def verify(self, sentence: Sentence, surface: str, name: str) -> Request:
        """Stage 4: yes or no, without seeing the votes."""
        style = self.backbone.style
        question = self.prompts.question(style, "verify", surface=surface, name=name)
        text = self._prefix(sentence, checks=style == "pattern") + question
        return self._choosing(text, _YES_NO[style], "\n")

    async def ask(
        self, stage: str, sentences: Sequence[Sentence], build: Callable[[], list[Request]]
    ) -> list[Answer]:
        """Ask all questions of a stage; with fewer demonstrations if a prompt is too long.

        Raises:
            EngineError: no answer, or too long without any demonstration.
        """
        while True:
            try:
                answers = await self.engine.answer(build(), priority=self.priority)
            except PromptTooLongError:
                if not self._drop_demonstrations(sentences):
                    raise
            else:
                self.journal.answered(stage, self.name, answers)
                return answers

    def _drop_demonstrations(self, sentences: Sequence[Sentence]) -> bool:
        shown_now = max(
            (min(self.limit, len(self.demonstrations[s.index])) for s in sentences), default=0
        )
        self.limit = shown_now // 2
        detail = f"shown {self.limit} of {shown_now}"
        self.journal.notice(Notice("demonstrations_dropped", self.name, detail=detail))
        return shown_now > 0

    def _prefix(self, sentence: Sentence, *, checks: bool = False) -> str:
        chosen = self.demonstrations[sentence.index]
        visible = chosen[max(0, len(chosen) - self.limit) :]
        examples = [
            show(d, self.labels, self.modes.none_keys, self.shown, checks=checks) for d in visible
        ]
        text = self.shown(sentence.text)
        return self.prompts.prefix(self.backbone.style, self.labels, examples, text)

    def _listing(self, text: str) -> Request:
        if self.backbone.style == "pattern":
            return Request(text, self.modes.max_answer_tokens, stop=("\n",))
        return Request(self._chat(text), 2 * self.modes.max_answer_tokens, schema=_SURFACES)

    def _choosing(self, text: str, choices: tuple[str, ...], stop: str) -> Request:
        if self.backbone.style == "pattern":
            return Request(text, _LABEL_TOKENS, stop=(stop,), choices=choices)
        schema = {
            "type": "object",
            "properties": {"label": {"enum": list(choices)}},
            "required": ["label"],
            "additionalProperties": False,
        }
        return Request(self._chat(text), 2 * _LABEL_TOKENS, choices=choices, schema=schema)

    def _chat(self, text: str) -> tuple[Message, ...]:
        return (Message("system", self.prompts.system(self.labels)), Message("user", text))
