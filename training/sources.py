"""Labelled files that are trained on: none of a reported set, none of politics or literature."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ner_core.corpora import read_corpus
from ner_core.sampling import POOL_CHARS
from ner_core.types import Demonstration


@dataclass(frozen=True, slots=True)
class Source:
    """Files of one label set, how often they are drawn from, and what types are called."""

    files: tuple[str, ...]
    weight: float
    names: Mapping[str, str]


_PEOPLE = {"per": "person", "loc": "location", "org": "organization"}
_WIDER = {**_PEOPLE, "misc": "miscellaneous"}
_REPORTS = {
    "commsidentifier": "identifier",
    "documentreference": "document",
    "militaryplatform": "military platform",
    "temporal": "time",
}
_SCIENCE = {
    "academicjournal": "academic journal",
    "astronomicalobject": "astronomical object",
    "chemicalcompound": "chemical compound",
    "chemicalelement": "chemical element",
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
    "btc": Source(("btc_merged.train",), 1.0, _PEOPLE),
    "wnut17": Source(("wnut17.train",), 1.0, {"creative-work": "creative work"}),
    "gum_open": Source(("gum_open.train",), 2.0, {}),
    "uner": Source(("uner_en_ewt.dev",), 1.5, _PEOPLE),
    "wikigold": Source(("wikigold.all",), 1.5, _WIDER),
    "science": Source(("crossner_science.train",), 0.7, _SCIENCE),
    "music": Source(("crossner_music.train",), 0.7, _SCIENCE),
    "ai": Source(("crossner_ai.train",), 0.7, _SCIENCE),
    "wikipedia": Source(("fewnerd_inter.dev",), 2.0, _WIKIPEDIA),
    "reports": Source(
        ("re3d.centcom", "re3d.us_state", "re3d.uk_gov", "re3d.au_dfat", "re3d.wikipedia"),
        1.5,
        _REPORTS,
    ),
    "filings": Source(("sec_filings.train",), 0.3, _WIDER),
}


def read_sources(folder: Path) -> dict[str, list[Demonstration]]:
    """Give the sentences of every source, of lengths that are shown to models.

    Raises:
        CorpusError: a file is not there, or cannot be read.
    """
    return {
        name: [
            sentence
            for file in source.files
            for sentence in read_corpus(folder / f"{file}.jsonl.gz", name)
            if len(sentence.text) in POOL_CHARS
        ]
        for name, source in SOURCES.items()
    }
