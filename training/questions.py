"""Questions for a verifier: a marked span, two types, and four answers to choose from."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ner_core.evaluation.cases import Case, Status, status_of
from ner_core.labels import EntityType, LabelSet
from ner_core.types import Demonstration, Span
from training.augment import surfaces_of, varied
from training.naming import SYNONYMS
from training.negatives import negative
from training.sources import SOURCES

FIRST, SECOND, BORDERS, NEITHER = range(4)
"""It is of the first type; of the second; a name, but not its borders; none of these."""

_AROUND = 120
"""Code points shown on either side of the span."""
_NO_NAME, _NEITHER_RIGHT, _FIRST_RIGHT = 0.45, 0.08, 0.6
"""Shares: of spans that are no name; of names with two wrong types; of right types in front."""
_RENAMED, _DEFINED = 0.3, 0.7
"""Shares of types with another name, and with their definition."""
_OTHERWISE: Mapping[Status, int] = {"wrong borders": BORDERS, "no name": NEITHER}


@dataclass(frozen=True, slots=True)
class Question:
    """Is the span of the first type, of the second, or neither?"""

    text: str
    span: Span
    first: EntityType
    second: EntityType
    answer: int

    @property
    def types(self) -> str:
        """The first text that a cross-encoder reads: both types with their definitions."""
        return f"A: {_described(self.first)}; B: {_described(self.second)}"

    @property
    def marked(self) -> str:
        """The second text: what is around the span, and the span between marks."""
        start, end = self.span.start, self.span.end
        before, after = self.text[max(0, start - _AROUND) : start], self.text[end : end + _AROUND]
        return f"{before}« {self.text[start:end]} »{after}"

    @property
    def turned(self) -> "Question":
        """The same question with its types in the other order."""
        answer = {FIRST: SECOND, SECOND: FIRST}.get(self.answer, self.answer)
        return replace(self, first=self.second, second=self.first, answer=answer)


def about(case: Case, text: str, labels: LabelSet) -> Question:
    """Return the question about a case, and its true answer."""
    kinds = {kind.id: kind for kind in labels.types}
    first, second = (kinds.get(k, EntityType(k, k, "")) for k in (case.proposed, case.runner_up))
    return Question(text, case.span, first, second, _answer(case.gold, first, second, case.status))


class MadeQuestions:
    """An endless stream of questions about labeled sentences, the same for the same seed."""

    def __init__(
        self,
        sentences: Mapping[str, Sequence[Demonstration]],
        definitions: Mapping[str, str],
        seed: int,
    ) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - a sample, no secrets
        self._sentences = {name: [s for s in group if s.text] for name, group in sentences.items()}
        self._surfaces = {name: surfaces_of(group) for name, group in sentences.items()}
        self._definitions = definitions

    def __iter__(self) -> Iterator[Question]:
        names = list(self._sentences)
        weights = [SOURCES[name].weight for name in names]
        while True:
            made = self._question(self._chance.choices(names, weights)[0])
            if made is not None:
                yield made

    def _question(self, source: str) -> Question | None:
        chance = self._chance
        sentence = chance.choice(self._sentences[source])
        sentence = varied(sentence, self._surfaces[source], chance)
        wrong = negative(sentence, chance) if chance.random() < _NO_NAME else None
        if wrong is None and not sentence.entities:
            return None
        types = self._types(source)
        if wrong is not None:
            gold = [(e.span.start, e.span.end, e.type) for e in sentence.entities]
            status = status_of(wrong, "", gold)
            first, second = chance.sample(list(types.values()), 2)
            return Question(sentence.text, wrong, first, second, _OTHERWISE[status])
        return self._of_name(sentence, types)

    def _of_name(self, sentence: Demonstration, types: Mapping[str, EntityType]) -> Question:
        """Return a question about a name: nearly always one of the two types is right."""
        chance = self._chance
        entity = chance.choice(sentence.entities)
        right = types[entity.type]
        second, *more = chance.sample([kind for kind in types.values() if kind is not right], 2)
        first = more[0] if chance.random() < _NEITHER_RIGHT else right
        if chance.random() > _FIRST_RIGHT:
            first, second = second, first
        answer = _answer(entity.type, first, second)
        return Question(sentence.text, entity.span, first, second, answer)

    def _types(self, source: str) -> dict[str, EntityType]:
        """Return the types of a source by id, some of them renamed, most with a definition."""
        names = {kind: SOURCES[source].names.get(kind, kind) for kind in self._surfaces[source]}
        known = {**self._definitions, **SOURCES[source].definitions}
        return {
            kind: EntityType(kind, *self._called(name, known.get(kind) or known.get(name) or ""))
            for kind, name in names.items()
        }

    def _called(self, name: str, known: str) -> tuple[str, str]:
        chance = self._chance
        name = chance.choice(SYNONYMS.get(name, (name,))) if chance.random() < _RENAMED else name
        return name, known if chance.random() < _DEFINED else ""


def _answer(
    gold: str | None, first: EntityType, second: EntityType, status: Status = "no name"
) -> int:
    if gold == first.id:
        return FIRST
    if gold == second.id:
        return SECOND
    return _OTHERWISE.get(status, NEITHER) if gold is None else NEITHER


def _described(kind: EntityType) -> str:
    return f"{kind.name}, {kind.definition}" if kind.definition else kind.name
