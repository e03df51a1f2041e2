"""Difficult sentence borders: our errors beside those of other splitters.

    PYTHONPATH=tests .venv/bin/python benchmarks/sentence_borders.py [--wrong]

Reads tests/borders, and prints a table of docs/text.md. ``--wrong`` prints every text that we
split wrongly.
"""

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache

import pysbd
import sentencex
import spacy
from spacy.language import Language
from support.borders import Labeled, labeled_texts

from ner_core.text.sentences import split
from ner_core.types import Document

Spans = Iterable[tuple[int, int]]


def main() -> None:
    """Print the table, or the texts that are split wrongly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wrong", action="store_true")
    texts = list(labeled_texts())
    if parser.parse_args().wrong:
        print("\n\n".join(_marked(text) for text in texts if any(_errors(text, _ours))))
    else:
        print("\n".join(_table(texts)))


def _ours(text: Labeled) -> Spans:
    document = Document("d", text.text, language=text.language)
    found = split(document, max_chars=600, overlap_chars=100)
    return [(one.start, one.start + len(one.text)) for one in found]


def _sentencex(text: Labeled) -> Spans:
    found = sentencex.get_sentence_boundaries(text.language, text.text)
    return [(one["start_index"], one["end_index"]) for one in found]


def _spacy(text: Labeled) -> Spans:
    return [(one.start_char, one.end_char) for one in _rules(text.language)(text.text).sents]


def _pysbd(text: Labeled) -> Spans:
    """Find its sentences in order: its own offsets fail where a sentence occurs twice."""
    at = 0
    for sentence in pysbd.Segmenter(language=text.language, clean=False).segment(text.text):
        at = text.text.index(sentence.strip(), at)
        yield at, at + len(sentence.strip())
        at += len(sentence.strip())


SPLITTERS: Mapping[str, Callable[[Labeled], Spans]] = {
    "Tagwire": _ours,
    "sentencex": _sentencex,
    "pysbd": _pysbd,
    "spaCy's sentencizer": _spacy,
}


@cache
def _rules(language: str) -> Language:
    model = spacy.blank(language)
    model.add_pipe("sentencizer")
    return model


def _errors(text: Labeled, splitter: Callable[[Labeled], Spans]) -> tuple[int, int]:
    wrong = text.wrong(splitter(text))
    return len(wrong.missed), len(wrong.made)


def _table(texts: Sequence[Labeled]) -> Iterator[str]:
    """Give missed and made borders of each splitter, in prose of one line and over line breaks."""
    parts = {
        "one line": [text for text in texts if "\n" not in text.text],
        "several lines": [text for text in texts if "\n" in text.text],
    }
    places = {name: sum(len(text.places) for text in part) for name, part in parts.items()}
    heads = [f"{name} ({count} places)" for name, count in places.items()]
    yield f"| splitter | {' | '.join(heads)} | errors in 100 places |"
    yield "|---" * (len(heads) + 2) + "|"
    for name, splitter in SPLITTERS.items():
        errors = [[_errors(text, splitter) for text in part] for part in parts.values()]
        sums = [tuple(map(sum, zip(*part, strict=True))) for part in errors]
        cells = [f"{missed} missed, {made} made" for missed, made in sums]
        rate = 100 * sum(map(sum, sums)) / sum(places.values())
        yield f"| {name} | {' | '.join(cells)} | {rate:.1f} |"


def _marked(text: Labeled) -> str:
    """Show a text as we split it, with our errors."""
    wrong = text.wrong(_ours(text))
    marks = dict.fromkeys(wrong.missed, "[MISSED]") | dict.fromkeys(wrong.made, "[MADE]")
    pieces = [marks.get(at, "") + text.text[at : at + 1] for at in range(len(text.text) + 1)]
    return f"{text.language}: {''.join(pieces)}"


if __name__ == "__main__":
    main()
