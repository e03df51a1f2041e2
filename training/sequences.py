"""Training texts: many sentences in one label set, rendered by the templates of the prompts."""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from ner_core.labels import EntityType, LabelSet
from ner_core.prompts.few_shot import show
from ner_core.prompts.templates import prompts_of
from ner_core.text.sanitize import sanitize
from ner_core.types import NONE, Demonstration, Span
from training.drawing import Drawing
from training.naming import MOST_MORE, names_for
from training.negatives import negative
from training.sources import SOURCES

_STYLE = "pattern"
_PROMPTS = prompts_of(None)
_DROPPING, _DROPPED = 0.2, 0.3
_WRONG_TYPE, _MARKED = 0.25, 0.05
_KINDS = {"extract": 0.4, "classify": 0.35, "verify": 0.2, "rough": 0.05}
_ANSWERS = re.compile(r"^Entities:(.*\n)", re.MULTILINE)
_FIRST, _USUAL, _CHOICE = 0.5, 1.0, 6.0
"""Weights: of a first answer, before which no demonstration stands; of others; of a choice."""


@dataclass(frozen=True, slots=True)
class Written:
    """A range of code points that the model has to write itself, and what it weighs."""

    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class TrainingText:
    """A text, and what of it the model has to write."""

    text: str
    written: tuple[Written, ...]


class Sequences:
    """An endless stream of training texts, the same for the same seed."""

    def __init__(
        self,
        sentences: Mapping[str, Sequence[Demonstration]],
        control_tokens: Sequence[str],
        seed: int,
    ) -> None:
        self._control_tokens = control_tokens
        self._chance = random.Random(seed)  # noqa: S311 - a sample, no secrets
        self._drawings = {name: Drawing(group) for name, group in sentences.items()}

    def __iter__(self) -> Iterator[TrainingText]:
        names = list(self._drawings)
        weights = [SOURCES[name].weight for name in names]
        while True:
            yield self._text(self._chance.choices(names, weights)[0])

    def _text(self, source: str) -> TrainingText:
        sentences = self._drawings[source].draw(self._chance)
        labels = self._labels(source)
        kind = self._chance.choices(list(_KINDS), list(_KINDS.values()))[0]
        if kind == "rough":
            return self._names(sentences[-1])
        if kind == "classify":
            return self._choice(sentences, labels)
        if kind == "verify":
            return self._check(sentences, labels)
        shown_ones = [show(one, labels, 0, self._shown) for one in sentences]
        whole = _PROMPTS.prefix(_STYLE, labels, shown_ones, "")
        return _answered(whole.rsplit("\nText:", 1)[0])

    def _shown(self, text: str) -> str:
        return sanitize(text, self._control_tokens)

    def _labels(self, source: str) -> LabelSet:
        """Return a label set of the source: some types left out, in some order, some renamed."""
        chance, kinds = self._chance, sorted(self._drawings[source].surfaces)
        if chance.random() < _DROPPING and len(kinds) > 2:  # noqa: PLR2004 - two are left
            kinds = chance.sample(kinds, max(2, round(len(kinds) * (1 - _DROPPED))))
        usual = {kind: SOURCES[source].names.get(kind, kind) for kind in kinds}
        most = 0 if SOURCES[source].labeled == "own" else MOST_MORE
        named, more = names_for(usual, chance, most=most)
        types = [EntityType(kind, name, "") for kind, name in named.items()]
        types += [EntityType(f"no-{name}", name, "") for name in more]
        chance.shuffle(types)
        return LabelSet(source, tuple(types))

    def _choice(self, sentences: Sequence[Demonstration], labels: LabelSet) -> TrainingText:
        """Ask for the type of one span of the last sentence, half the time of no entity."""
        asked = sentences[-1]
        span, name = self._span(asked, labels)
        question = _PROMPTS.question(_STYLE, "classify", surface=self._surface(asked, span))
        return self._asked(sentences, labels, span, question, f'{name}"')

    def _check(self, sentences: Sequence[Demonstration], labels: LabelSet) -> TrainingText:
        """Ask whether one span of the last sentence is of a type; three times in eight it is."""
        asked = sentences[-1]
        span, name = self._span(asked, labels)
        proposed = self._proposed(asked, labels, span, name)
        surface = self._surface(asked, span)
        question = _PROMPTS.question(_STYLE, "verify", surface=surface, name=proposed)
        answer = " yes\n" if proposed == name else " no\n"
        return self._asked(sentences, labels, span, question, answer)

    def _proposed(self, asked: Demonstration, labels: LabelSet, span: Span, name: str) -> str:
        """Return the type that is checked: for wrong borders, that of the name they cut."""
        if name == NONE:
            cut = [e.type for e in asked.entities if e.span.touches(span) and e.type in labels.ids]
            return labels.name_of(cut[0]) if cut else self._chance.choice(labels.names)
        if self._chance.random() > _WRONG_TYPE:
            return name
        return self._chance.choice([one for one in labels.names if one != name])

    def _asked(
        self,
        sentences: Sequence[Demonstration],
        labels: LabelSet,
        span: Span,
        question: str,
        answer: str,
    ) -> TrainingText:
        """Return the text of a question about a span, as stages 3 and 4 ask it."""
        asked = sentences[-1]
        examples = [show(one, labels, 0, self._shown) for one in sentences[:-1]]
        prefix = _PROMPTS.prefix(_STYLE, labels, examples, self._shown(asked.text))
        start = f"{prefix}{self._marked(asked.text, span)}{question}"
        last = Written(len(start), len(start) + len(answer), _CHOICE)
        return TrainingText(start + answer, (*_answered(prefix).written, last))

    def _surface(self, sentence: Demonstration, span: Span) -> str:
        return self._shown(sentence.text)[span.start : span.end]

    def _marked(self, text: str, span: Span) -> str:
        """Return the text with the span marked, if there are more of the kind, or by chance."""
        start, end = span.start, span.end
        if text.count(text[start:end]) == 1 and self._chance.random() > _MARKED:
            return ""
        marked = self._shown(f"{text[:start]}[{text[start:end]}]{text[end:]}")
        return _PROMPTS.marked(_STYLE, marked)

    def _span(self, sentence: Demonstration, labels: LabelSet) -> tuple[Span, str]:
        wrong = negative(sentence, self._chance)
        right = [
            (e.span, labels.name_of(e.type)) for e in sentence.entities if e.type in labels.ids
        ]
        if right and (wrong is None or self._chance.random() < 0.5):  # noqa: PLR2004 - half of them
            return self._chance.choice(right)
        return wrong or Span(0, len(sentence.text)), NONE

    def _names(self, sentence: Demonstration) -> TrainingText:
        """Ask for names without types or demonstrations."""
        text = self._shown(sentence.text)
        names = list(dict.fromkeys(text[e.span.start : e.span.end] for e in sentence.entities))
        question = _PROMPTS.rough(_STYLE, text) + _PROMPTS.question(_STYLE, "names")
        answer = f" [{', '.join(orjson.dumps(name).decode() for name in names)}]\n"
        written = Written(len(question), len(question) + len(answer), _USUAL)
        return TrainingText(question + answer, (written,))


def _answered(text: str) -> TrainingText:
    """Return the text with every answer in it as one that has to be written."""
    text = text if text.endswith("\n") else f"{text}\n"
    answers = enumerate(_ANSWERS.finditer(text))
    return TrainingText(
        text, tuple(Written(*m.span(1), _USUAL if number else _FIRST) for number, m in answers)
    )
