"""What is asked about a labeled file, and what of it is left out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from ner_core.errors import ConfigurationError, LabelSetError
from ner_core.evaluation.corpora import Corpus, load_corpus
from ner_core.evaluation.documents import by_document, joined
from ner_core.evaluation.sampling import omitted, pool_for, sample, sample_documents, unfit
from ner_core.evaluation.scores import Nested
from ner_core.labels import EntityType, LabelSet, load_label_set
from ner_core.types import Demonstration

By = Literal["document", "sentence"]
"""What is tagged as a whole."""


@dataclass(frozen=True, slots=True)
class Task:
    """One file: what is asked, the pool, the label set, and how nested entities count.

    ``queries`` are sentences, or whole documents with ``sentences`` in all; ``by`` is which.
    ``omissions`` counts, by what it is, everything that is left out or read in another way
    than the file has it.
    """

    name: str
    labels: LabelSet
    queries: tuple[Demonstration, ...]
    pool: tuple[Demonstration, ...]
    commonest: str
    nested: Nested
    by: By
    sentences: int
    omissions: Mapping[str, int] = field(default_factory=dict)

    @property
    def empty_share(self) -> float:
        """The share of demonstrations that hold no entity, in [0, 1]."""
        empty = {d.id: not d.entities for d in self.pool}
        return sum(empty.values()) / max(1, len(empty))


@dataclass(frozen=True, slots=True)
class Choice:
    """Which part of the files is used, and how.

    ``limit`` counts sentences, ``pool`` demonstrations to choose from; ``None`` is all.
    """

    demonstrations: Path
    labels: Path | None
    limit: int | None
    seed: int
    nested: Nested = "flat"
    by: By = "sentence"
    pool: int | None = None


def names_of(paths: Sequence[Path]) -> list[str]:
    """Return what files are called in a report: the stems of their names.

    Those that share one have the end of their paths that tells them apart.
    """
    known = {path: _ends(path) for path in map(Path.absolute, paths)}
    return [
        next(end for end in own if not any(end in known[o] for o in known if o != path))
        for path, own in ((path, known[path]) for path in map(Path.absolute, paths))
    ]


def _ends(path: Path) -> list[str]:
    """Return the ends of a path, the shortest first."""
    longer = ("/".join(path.parts[-n:]) for n in range(1, len(path.parts) + 1))
    return [_stem(path), *longer]


def _stem(path: Path) -> str:
    return Path(path.name.removesuffix(".gz")).stem


def task_of(path: Path, choice: Choice) -> Task:
    """Read one file and its pool; types match the ids of the label set whatever their case.

    Raises:
        ConfigurationError: a file cannot be read, its types are not a valid label set, or it
            has none of the types of the label set, or no sentence of a length that is asked.
    """
    name = _stem(path)
    corpus = load_corpus(path, name, nested=choice.nested)
    shown = load_corpus(choice.demonstrations, name)
    labels = load_label_set(choice.labels) if choice.labels else _labels(name, choice, shown)
    asked = _matched(path, corpus.sentences, labels)
    source = _matched(choice.demonstrations, shown.sentences, labels)
    by: By = "document" if choice.by == "document" and any(corpus.documents) else "sentence"
    texts = _sampled(asked, corpus.documents if by == "document" else None, choice)
    sentences = [sentence for text in texts for sentence in text]
    left_out = _omissions(corpus, choice, by, len(sentences))
    if not sentences:
        msg = f"{path}: no sentence to ask about; {listed(_counted(left_out))}"
        raise ConfigurationError(msg)
    pool = pool_for(source, sentences, number=choice.pool, seed=choice.seed)
    types = _types(source)
    return Task(
        name,
        labels,
        tuple(map(joined, texts)),
        tuple(_within(d, labels) for d in pool),
        commonest=max(types, key=lambda kind: types[kind], default=labels.ids[0]),
        nested=choice.nested,
        by=by,
        sentences=len(sentences),
        omissions=_counted(
            {
                **left_out,
                **_outside("entities", asked, labels),
                **_outside("entities of demonstrations", source, labels),
                **unfit(source),
            }
        ),
    )


def listed(omissions: Mapping[str, int]) -> str:
    """Return omissions in one line."""
    return "; ".join(f"{what}: {number}" for what, number in omissions.items())


def _sampled(
    sentences: Sequence[Demonstration], documents: Sequence[str] | None, choice: Choice
) -> list[Sequence[Demonstration]]:
    """Return the sentences to ask about: each alone, or those of each document together."""
    if documents is None:
        return [[sentence] for sentence in sample(sentences, choice.limit, choice.seed)]
    return sample_documents(by_document(sentences, documents), choice.limit, choice.seed)


def _omissions(corpus: Corpus, choice: Choice, by: By, asked: int) -> dict[str, int]:
    over = {"sentences over the limit": len(corpus.sentences) - asked}
    nested = "nested entities" + (", of which the outermost count" * (choice.nested == "flat"))
    return {
        **(over if by == "document" else omitted(corpus.sentences, choice.limit)),
        **{f"texts {reason}": number for reason, number in corpus.left_out.items()},
        nested: corpus.nested,
        "discontinuous entities, read from first to last part": corpus.discontinuous,
        "entities whose offsets were not in code points": corpus.converted,
        "entities that begin or end inside a word or in white space": corpus.cutting,
    }


def _outside(what: str, sentences: Iterable[Demonstration], labels: LabelSet) -> dict[str, int]:
    found = {k: n for k, n in _types(sentences).items() if k not in labels.ids}
    return {
        f"{what} of types that are not asked for ({', '.join(sorted(found))})": sum(found.values())
    }


def _counted(numbers: Mapping[str, int]) -> dict[str, int]:
    return {what: number for what, number in numbers.items() if number}


def _matched(
    path: Path, sentences: Sequence[Demonstration], labels: LabelSet
) -> list[Demonstration]:
    """Return the sentences with the ids of the label set for types that differ in case alone."""
    ids = {kind.lower(): kind for kind in labels.ids}
    if len(ids) < len(labels.ids):
        msg = f"label set {labels.id!r}: ids that differ in case alone: {', '.join(labels.ids)}"
        raise ConfigurationError(msg)
    found = sorted(_types(sentences))
    if found and not ids.keys() & set(found):
        msg = (
            f"{path}: none of its types ({', '.join(found)}) is in the label set {labels.id!r} "
            f"({', '.join(labels.ids)}), so no answer could be right; use one's ids in the other"
        )
        raise ConfigurationError(msg)
    return [_renamed(sentence, ids) for sentence in sentences]


def _renamed(sentence: Demonstration, ids: Mapping[str, str]) -> Demonstration:
    entities = tuple(replace(e, type=ids.get(e.type, e.type)) for e in sentence.entities)
    return replace(sentence, entities=entities)


def _types(sentences: Iterable[Demonstration]) -> Counter[str]:
    return Counter(entity.type for sentence in sentences for entity in sentence.entities)


def _labels(name: str, choice: Choice, shown: Corpus) -> LabelSet:
    """Return the types of the demonstrations as a label set."""
    kinds = sorted(_types(shown.sentences))
    try:
        return LabelSet(name, tuple(EntityType(kind, kind, "") for kind in kinds))
    except LabelSetError as exc:
        msg = f"{choice.demonstrations}: its types are no label set, so give one (--labels): {exc}"
        raise ConfigurationError(msg) from exc


def _within(demonstration: Demonstration, labels: LabelSet) -> Demonstration:
    """Return the demonstration with the types of the label set alone."""
    entities = tuple(e for e in demonstration.entities if e.type in labels.ids)
    return Demonstration(demonstration.id, demonstration.text, entities, labels.id)
