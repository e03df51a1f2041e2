"""A backbone at work on one document: what it is shown, and how it is asked."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ner_core.ensemble import Backbone
from ner_core.errors import PromptTooLongError
from ner_core.labels import LabelSet
from ner_core.modes import Modes
from ner_core.ports import Answer, Engine, Message, Request
from ner_core.prompts.few_shot import shown
from ner_core.prompts.templates import Prompts, ShownDemonstration
from ner_core.stages.journal import Journal
from ner_core.text.sanitize import sanitize
from ner_core.types import Demonstration, Mention, Notice, Sentence, Span

_LABEL_TOKENS = 16
_BUILT_AT_ONCE = 64
"""Requests that the event loop builds itself: a change of threads costs as much as some of them."""
_PREFIXES_KEPT = 64
"""Of one document: a long one has more sentences than fit into memory with their prompts."""
MOST_SURFACES = 64
"""Surfaces in a chat answer, unless there are more to come."""


def surfaces_schema(most: int = MOST_SURFACES) -> dict[str, Any]:
    """Return the JSON schema of a list of up to ``most`` surfaces."""
    return _object("entities", {"type": "array", "items": {"type": "string"}, "maxItems": most})


def label_schema(choices: Sequence[str]) -> dict[str, Any]:
    """Return the JSON schema of one of the choices."""
    return _object("label", {"enum": list(choices)})


def _object(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: value},
        "required": [name],
        "additionalProperties": False,
    }


@dataclass(slots=True)
class Member:
    """One backbone of the ensemble, at work on one document.

    ``demonstrations`` are by index of the sentence; there are none in stage 1a. ``limit`` is
    the number of them that a prompt shows: it falls when a prompt exceeds the model's
    context, and stays there for the whole document, so that prefixes stay shared. ``bias`` is
    what the member favors, by type id; see ``stages/label_bias.py``.
    """

    backbone: Backbone
    engine: Engine
    labels: LabelSet
    modes: Modes
    prompts: Prompts
    demonstrations: Mapping[int, tuple[Demonstration, ...]]
    journal: Journal
    priority: int = 0
    bias: Mapping[str, float] = field(default_factory=dict)
    limit: int = 1_000
    _examples: dict[int, ShownDemonstration] = field(default_factory=dict)
    _prefixes: dict[tuple[Sentence, int], str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Name of the backbone."""
        return self.backbone.name

    @property
    def style(self) -> str:
        """Prompt style of the backbone: ``chat`` or ``pattern``."""
        return self.backbone.style

    def sanitize(self, text: str) -> str:
        """Return a text as this model may see it, of the same length."""
        return sanitize(text, self.backbone.control_tokens)

    def surface(self, mention: Mention) -> str:
        """Return the text of a mention as this model may see it."""
        sentence, span = mention
        return self.sanitize(sentence.text)[span.start : span.end]

    def prefix(self, sentence: Sentence) -> str:
        """Return the beginning of all few-shot questions about a sentence."""
        key = sentence, self.limit
        prefix = self._prefixes.get(key)
        if prefix is None:
            if len(self._prefixes) == _PREFIXES_KEPT:
                self._prefixes.clear()
            prefix = self._prefixes[key] = self._prefix(sentence)
        return prefix

    def marked(self, sentence: Sentence, span: Span | None) -> str:
        """Return the text once more with brackets around a span; nothing without a span.

        It goes between prefix and question if a surface occurs more than once in a sentence.
        """
        if span is None:
            return ""
        start, end, text = span.start, span.end, sentence.text
        text = self.sanitize(f"{text[:start]}[{text[start:end]}]{text[end:]}")
        return self.prompts.marked(self.style, text)

    def list_request(self, text: str) -> Request:
        """Return a request for a list of surfaces; ``text`` is the whole question."""
        if self.style == "pattern":
            return Request(text, self.modes.max_answer_tokens, stop=("\n",))
        return Request(self._chat(text), 2 * self.modes.max_answer_tokens, schema=surfaces_schema())

    def choice_request(self, text: str, choices: tuple[str, ...], stop: str) -> Request:
        """Return a request for one of the choices; ``stop`` ends it in style ``pattern``."""
        if self.style == "pattern":
            return Request(text, _LABEL_TOKENS, stop=(stop,), choices=choices)
        schema = label_schema(choices)
        return Request(self._chat(text), 2 * _LABEL_TOKENS, choices=choices, schema=schema)

    async def ask(
        self,
        stage: str,
        sentences: Sequence[Sentence],
        build: Callable[[], list[Request]],
    ) -> list[Answer]:
        """Ask all questions of a stage, with fewer demonstrations if a prompt is too long.

        ``build`` returns the requests about ``sentences``; many are built in a thread, since a
        long document has thousands.

        Raises:
            EngineError: no answer, or a prompt that is too long without demonstrations.
        """
        while True:
            try:
                few = len(sentences) <= _BUILT_AT_ONCE
                requests = build() if few else await asyncio.to_thread(build)
                answers = await self.engine.answer(requests, priority=self.priority)
            except PromptTooLongError:
                if not self._drop_demonstrations(sentences):
                    raise
            else:
                self.journal.answered(stage, self.name, answers)
                return answers

    def _prefix(self, sentence: Sentence) -> str:
        chosen = self._chosen(sentence)
        visible = chosen[max(0, len(chosen) - self.limit) :]
        examples = [self._example(demonstration) for demonstration in visible]
        text = self.sanitize(sentence.text)
        return self.prompts.prefix(self.style, self.labels, examples, text)

    def _chosen(self, sentence: Sentence) -> tuple[Demonstration, ...]:
        return self.demonstrations.get(sentence.index, ())

    def _example(self, demonstration: Demonstration) -> ShownDemonstration:
        key = id(demonstration)  # a hash of all of it would take longer
        if key not in self._examples:
            self._examples[key] = shown(
                demonstration,
                self.labels,
                self.modes.none_keys,
                self.backbone.control_tokens,
            )
        return self._examples[key]

    def _drop_demonstrations(self, sentences: Sequence[Sentence]) -> bool:
        """Halve the limit; return whether any demonstration was shown."""
        visible = max((min(self.limit, len(self._chosen(s))) for s in sentences), default=0)
        if not visible:
            return False
        self.limit = visible // 2
        detail = f"shown {self.limit} of {visible}"
        self.journal.notice(Notice("demonstrations_dropped", self.name, detail=detail))
        return True

    def _chat(self, text: str) -> tuple[Message, ...]:
        return (Message("system", self.prompts.system(self.labels)), Message("user", text))
