"""What is trained on: labeled files, none of a reported set, and sentences of our own.

The label set of crossner_science stays unseen, on its development file we choose; so does that of
crossner_literature. Of politics no file is read; types like its own stand in sentences of ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ner_core.evaluation.corpora import read_corpus
from ner_core.evaluation.sampling import TEST_CHARS
from ner_core.labels import LabelSet, load_label_set
from ner_core.types import Demonstration
from training.negatives import unlabeled


@dataclass(frozen=True, slots=True)
class Source:
    """Files of one label set, how often they are drawn from, and what types are called.

    ``written`` are files of this package (``written/README.md``). If only ``"some"`` of the names
    in a text are ``labeled``, sentences in which anything else is capitalized are left out: they
    would teach that names are none. ``"own"``: all names of the source's types are labeled, and
    there are others; no type of another source may be listed beside them.
    """

    files: tuple[str, ...]
    weight: float
    names: Mapping[str, str]
    labeled: Literal["all", "some", "own"] = "all"
    written: tuple[str, ...] = ()
    definitions: Mapping[str, str] = field(default_factory=dict)

    def paths(self, folder: Path) -> list[Path]:
        """Return all files: those in the folder of data, and our own."""
        theirs = [_in(folder, file) for file in self.files]
        return [*theirs, *(WRITTEN / f"{file}.jsonl" for file in self.written)]


WRITTEN = Path(__file__).with_name("written")
"""Sentences of our own."""
SETS = WRITTEN / "sets"
"""Small label sets of our own with sentences: a TOML file and a JSON lines file each."""
_OF_A_SET = 0.25
"""How often each of them is drawn from."""


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


def _ours(weight: float, *files: str, **names: str) -> Source:
    return Source((), weight, names, written=files)


def _sets() -> dict[str, Source]:
    """Return a source for each small label set; its TOML file has the names of the types."""
    return {path.stem: _set(load_label_set(path)) for path in sorted(SETS.glob("*.toml"))}


def _set(labels: LabelSet) -> Source:
    names = {kind.id: kind.name for kind in labels.types}
    definitions = {kind.id: kind.definition for kind in labels.types}
    file = f"sets/{labels.id}"
    return Source((), _OF_A_SET, names, "own", (file,), definitions)


SOURCES: Mapping[str, Source] = {
    "uner": Source(("uner_en_ewt.dev",), 2.0, _PEOPLE),
    "gum_open": Source(("gum_open.train",), 2.0, {}),
    "wnut17": Source(("wnut17.train",), 2.0, {"creative-work": "creative work"}),
    "btc": Source(("btc_merged.train",), 0.7, _PEOPLE),
    "wikigold": Source(("wikigold.all",), 2.0, {**_PEOPLE, "misc": "miscellaneous"}),
    "music": Source(("crossner_music.train", "crossner_music.dev"), 2.5, _FIELDS),
    "ai": Source(("crossner_ai.train", "crossner_ai.dev"), 2.5, _FIELDS),
    "wikipedia": Source(("fewnerd_inter.dev",), 1.0, _WIKIPEDIA, "some"),
    "reports": Source(
        ("re3d.centcom", "re3d.us_state", "re3d.uk_gov", "re3d.au_dfat", "re3d.wikipedia"),
        0.5,
        _REPORTS,
    ),
    "movements": _ours(1.0, "politics4"),
    "government": _ours(1.0, "government", lawmaker="member of parliament"),
    "history": _ours(1.0, "history", state="country or empire"),
    "sport": _ours(0.7, "sport"),
    "business": _ours(0.8, "business"),
    "culture": _ours(0.8, "culture"),
    "knowledge": _ours(0.8, "knowledge"),
    "world": _ours(1.0, "world"),
    "posts": _ours(1.0, "posts"),
    "web": _ours(1.5, "web"),
    "documents": _ours(1.0, "documents"),
    "encyclopaedia": _ours(1.5, "encyclopaedia"),
    "news": _ours(1.5, "reports"),
    **_sets(),
}

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


def labeled_files(folder: Path) -> list[Path]:
    """Return the files that ``read_sources`` reads in a folder."""
    trained = [file for source in SOURCES.values() for file in source.files]
    return [_in(folder, file) for file in (*trained, *EVALUATED)]


def read_sources(folder: Path) -> dict[str, list[Demonstration]]:
    """Return the sentences of every source, of lengths that models are asked about.

    Raises:
        CorpusError: a file is not there, or cannot be read.
    """
    barred = {_key(one) for file in EVALUATED for one in _read(_in(folder, file))}
    found = {
        name: [one for path in source.paths(folder) for one in _read(path)]
        for name, source in SOURCES.items()
    }
    return {
        name: [one for one in group if _key(one) not in barred and _fit(one, SOURCES[name])]
        for name, group in found.items()
    }


def _fit(sentence: Demonstration, source: Source) -> bool:
    return source.labeled != "some" or not any(span.start for span in unlabeled(sentence))


def _in(folder: Path, file: str) -> Path:
    return folder / f"{file}.jsonl.gz"


def _read(path: Path) -> list[Demonstration]:
    sentences = read_corpus(path, path.name)
    return [one for one in sentences if len(one.text) in TEST_CHARS]


def _key(sentence: Demonstration) -> str:
    return " ".join(sentence.text.lower().split())
