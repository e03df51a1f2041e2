"""Training texts: many sentences in one label set, rendered by the templates of the prompts."""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from ner_core import prompts
from ner_core.demonstrations import show
from ner_core.labels import EntityType, LabelSet
from ner_core.rough import rough_spans
from ner_core.shown import shown
from ner_core.types import NONE, Demonstration
from training.augment import surfaces_of, varied
from training.naming import names_for
from training.sources import SOURCES

CHARS = 1500
"""About 450 tokens: what a sequence of 512 holds with its list of types."""

_WITH_ENTITIES = 0.8
_DROPPING, _DROPPED = 0.2, 0.3
_KINDS = {"extract": 0.55, "classify": 0.3, "verify": 0.1, "rough": 0.05}
_ANSWERS = re.compile(r"^(?:Entities:|Names:|Check: .*:)(.*\n)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class TrainingText:
    """A text, and the ranges of code points that the model has to write itself."""

    text: str
    answers: tuple[tuple[int, int], ...]


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
        self._full = {name: [s for s in group if s.entities] for name, group in sentences.items()}
        self._empty = {
            name: [s for s in group if not s.entities] for name, group in sentences.items()
        }
        self._surfaces = {name: surfaces_of(group) for name, group in sentences.items()}

    def __iter__(self) -> Iterator[TrainingText]:
        names = list(self._full)
        weights = [SOURCES[name].weight for name in names]
        while True:
            yield self._one(self._chance.choices(names, weights)[0])

    def _one(self, source: str) -> TrainingText:
        sentences = self._drawn(source)
        labels = self._labels(source)
        kind = self._chance.choices(list(_KINDS), list(_KINDS.values()))[0]
        if kind == "rough":
            return self._rough(sentences[-1])
        examples = [
            show(d, labels, 0, self._shown, checks=kind == "verify") for d in sentences[:-1]
        ]
        last = self._shown(sentences[-1].text)
        prefix = prompts.prefix("pattern", labels, examples, last)
        if kind == "classify":
            return self._classify(prefix, sentences[-1], labels)
        answer = show(sentences[-1], labels, 0, self._shown, checks=kind == "verify")
        whole = prompts.prefix("pattern", labels, [*examples, answer], "").rsplit("\nText:", 1)[0]
        return _answered(whole)

    def _shown(self, text: str) -> str:
        return shown(text, self._control_tokens)

    def _drawn(self, source: str) -> list[Demonstration]:
        """Give sentences until the sequence is full, four in five with an entity."""
        drawn: list[Demonstration] = []
        while sum(_size(d) for d in drawn) < CHARS:
            full = self._chance.random() < _WITH_ENTITIES or not self._empty[source]
            sentence = self._chance.choice((self._full if full else self._empty)[source])
            drawn.append(varied(sentence, self._surfaces[source], self._chance))
        return drawn[:-1] or drawn

    def _labels(self, source: str) -> LabelSet:
        """Give a label set of the source: some types left out, all in some order, named anew."""
        chance, kinds = self._chance, sorted(self._surfaces[source])
        if chance.random() < _DROPPING and len(kinds) > 2:  # noqa: PLR2004 - two are left
            kinds = chance.sample(kinds, max(2, round(len(kinds) * (1 - _DROPPED))))
        usual = {kind: SOURCES[source].names.get(kind, kind) for kind in kinds}
        named, more = names_for(usual, chance)
        types = [EntityType(kind, name, "") for kind, name in named.items()]
        types += [EntityType(f"no-{name}", name, "") for name in more]
        chance.shuffle(types)
        return LabelSet(source, tuple(types))

    def _classify(self, prefix: str, sentence: Demonstration, labels: LabelSet) -> TrainingText:
        """Ask of one span, at times of one that is no entity."""
        choices = [
            (e.span, labels.name_of(e.type)) for e in sentence.entities if e.type in labels.ids
        ]
        gold = [e.span for e in sentence.entities]
        choices += [
            (span, NONE)
            for span in rough_spans(sentence.text)
            if not any(span.start < g.end and g.start < span.end for g in gold)
        ][: max(1, len(choices))]
        text = prefix + "Entities: {}\n"
        if not choices:
            return _answered(text)
        span, name = self._chance.choice(choices)
        surface = self._shown(sentence.text)[span.start : span.end]
        question = prefix + prompts.question("pattern", "classify", surface=surface)
        before = _answered(prefix).answers
        return TrainingText(
            f'{question}{name}"}}\n', (*before, (len(question), len(question) + len(name) + 1))
        )

    def _rough(self, sentence: Demonstration) -> TrainingText:
        """Ask for names without types or demonstrations."""
        text = self._shown(sentence.text)
        names = list(dict.fromkeys(text[e.span.start : e.span.end] for e in sentence.entities))
        question = prompts.rough("pattern", text) + prompts.question("pattern", "names")
        answer = f" [{', '.join(orjson.dumps(name).decode() for name in names)}]\n"
        return TrainingText(question + answer, ((len(question), len(question) + len(answer)),))


def _size(sentence: Demonstration) -> int:
    named = sum(e.span.end - e.span.start + 16 for e in sentence.entities)
    return len(sentence.text) + named + 24


def _answered(text: str) -> TrainingText:
    """Give the text with every answer in it as one that has to be written."""
    text = text if text.endswith("\n") else f"{text}\n"
    return TrainingText(text, tuple(m.span(1) for m in _ANSWERS.finditer(text)))
