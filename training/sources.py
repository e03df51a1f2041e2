"""Labelled files that are trained on: none of a reported set, none of politics or literature.

The label set of crossner_science stays unseen too: on its development file we choose.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ner_core.corpora import read_corpus
from ner_core.sampling import TEST_CHARS
from ner_core.types import Demonstration


@dataclass(frozen=True, slots=True)
class Source:
    """Files of one label set, and what its types are called."""

    files: tuple[str, ...]
    names: Mapping[str, str]


_PEOPLE = {"per": "person", "loc": "location", "org": "organization"}
_REPORTS = {
    "commsidentifier": "identifier",
    "documentreference": "document",
    "militaryplatform": "military platform",
    "temporal": "time",
}
_FIELDS = {
    "misc": "miscellaneous",
    "musicalartist": "musical artist",
    "musicalinstrument": "instrument",
    "musicgenre": "genre",
    "programlang": "programming language",
}
_WIKIPEDIA = {
    "art-painting": "painting",
    "building-library": "library",
    "building-other": "building",
    "event-other": "event",
    "location-park": "park",
    "organization-religion": "religious group",
    "organization-showorganization": "band or ensemble",
    "other-chemicalthing": "chemical",
    "other-currency": "currency",
    "person-other": "person",
    "person-scholar": "scholar",
    "product-game": "game",
    "product-train": "train",
}

SOURCES: Mapping[str, Source] = {
    "uner": Source(("uner_en_ewt.dev",), _PEOPLE),
    "gum_open": Source(("gum_open.train",), {}),
    "wnut17": Source(("wnut17.train",), {"creative-work": "creative work"}),
    "btc": Source(("btc_merged.train",), _PEOPLE),
    "wikigold": Source(("wikigold.all",), {**_PEOPLE, "misc": "miscellaneous"}),
    "music": Source(("crossner_music.train", "crossner_music.dev"), _FIELDS),
    "ai": Source(("crossner_ai.train", "crossner_ai.dev"), _FIELDS),
    "wikipedia": Source(("fewnerd_inter.dev",), _WIKIPEDIA),
    "reports": Source(
        ("re3d.centcom", "re3d.us_state", "re3d.uk_gov", "re3d.au_dfat", "re3d.wikipedia"),
        _REPORTS,
    ),
}

DRAWN: Mapping[str, Mapping[str, float]] = {
    "smollm2": {
        "uner": 2.0,
        "gum_open": 2.0,
        "wnut17": 1.5,
        "btc": 0.7,
        "wikigold": 1.5,
        "music": 1.5,
        "ai": 1.5,
        "wikipedia": 1.5,
        "reports": 0.5,
    },
    "gemma": {
        "uner": 2.0,
        "gum_open": 2.0,
        "wnut17": 2.0,
        "btc": 0.7,
        "wikigold": 1.5,
        "music": 2.0,
        "ai": 2.0,
        "wikipedia": 0.8,
        "reports": 0.5,
    },
}
"""How often a source is drawn from, relative to the others, by the base that is trained."""

EVALUATED = (
    "wnut17.dev",
    "wnut17.test",
    "gum_open.dev",
    "gum_open.test",
    "btc_merged.dev",
    "uner_en_ewt.test",
    "fewnerd_inter.test",
    "crossner_science.dev",
    "crossner_politics.dev",
    "crossner_literature.dev",
)
"""Files whose sentences are never trained on, wherever else they stand."""


def read_sources(folder: Path) -> dict[str, list[Demonstration]]:
    """Give the sentences of every source, of lengths that models are asked about.

    Raises:
        CorpusError: a file is not there, or cannot be read.
    """
    barred = {_key(one) for file in EVALUATED for one in _read(folder, file)}
    return {
        name: [
            one for file in source.files for one in _read(folder, file) if _key(one) not in barred
        ]
        for name, source in SOURCES.items()
    }


def _read(folder: Path, file: str) -> list[Demonstration]:
    sentences = read_corpus(folder / f"{file}.jsonl.gz", file)
    return [one for one in sentences if len(one.text) in TEST_CHARS]


def _key(sentence: Demonstration) -> str:
    return " ".join(sentence.text.lower().split())
