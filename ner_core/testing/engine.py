"""An engine in this process that answers by rules, for unit tests."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from ner_core.ports import Answer, Message, Request
from ner_core.testing.rules import Said, Script, say

_FEATURES = MappingProxyType(
    {"choices": True, "logprobs": True, "schema": True, "cached_tokens": False, "priority": True}
)


class RuleEngine:
    """The Engine port by rules; ``asked`` holds every request it was given."""

    revision = "rules 1"
    features: Mapping[str, bool] = _FEATURES

    def __init__(self, model: str, script: Script | None = None) -> None:
        self.model = model
        self.script = script or Script()
        self.asked: list[Request] = []

    async def answer(self, requests: Sequence[Request], *, priority: int = 0) -> list[Answer]:
        """Answer every request by rule."""
        del priority
        self.asked += requests
        return [self._answer(request) for request in requests]

    def _answer(self, request: Request) -> Answer:
        text = flattened(request.prompt)
        said: Said = say(text, chat=not isinstance(request.prompt, str), script=self.script)
        return Answer(
            said.text,
            probabilities=_among(said.probabilities, request.choices),
            prompt_tokens=len(text) // 4,
            completion_tokens=len(said.text) // 4,
        )


def flattened(prompt: str | tuple[Message, ...]) -> str:
    """Return a prompt as one text."""
    if isinstance(prompt, str):
        return prompt
    return "\n".join(message.content for message in prompt)


def _among(probabilities: Mapping[str, float], choices: Sequence[str]) -> dict[str, float] | None:
    """Return P of the choices, summing to 1; ``None`` if nothing was to be chosen."""
    known = {choice: probabilities.get(choice, 0.0) for choice in choices}
    total = sum(known.values())
    return {choice: p / total for choice, p in known.items()} if total else None
