"""The sets that are measured: what is asked, what is shown, in which types."""

from dataclasses import dataclass
from pathlib import Path

from streams.evaluation.asking import Choice

LABEL_SETS = Path(__file__).parent / "label_sets"


@dataclass(frozen=True)
class Set:
    """A test file, the file its demonstrations come from, the types' file, a sample's size."""

    pool: str
    labels: str
    sentences: int


REPORTED = {
    "wnut17.test": Set("wnut17.train", "wnut17", 300),
    "gum_open.test": Set("gum_open.train", "gum_open", 300),
    "uner_en_ewt.test": Set("uner_en_ewt.dev", "uner_en_ewt", 300),
    "fewnerd_inter.test": Set("fewnerd_inter.test", "fewnerd_inter", 300),
    "crossner_politics.dev": Set("crossner_politics.train", "crossner_politics", 100),
    "crossner_literature.dev": Set("crossner_literature.train", "crossner_literature", 100),
}
DEVELOPMENT = {
    "wnut17.dev": Set("wnut17.train", "wnut17", 60),
    "gum_open.dev": Set("gum_open.train", "gum_open", 60),
    "btc_merged.dev": Set("btc_merged.train", "btc_merged", 60),
    "crossner_science.dev": Set("crossner_science.train", "crossner_science", 40),
    "crossner_music.dev": Set("crossner_music.train", "crossner_music", 40),
    "crossner_ai.dev": Set("crossner_ai.train", "crossner_ai", 40),
}
SETS = REPORTED | DEVELOPMENT


def job(data: Path, name: str, limit: int | None = None) -> tuple[Path, Choice]:
    """Return what an evaluation needs of one set."""
    one = SETS[name]
    choice = Choice(
        demonstrations=data / f"{one.pool}.jsonl.gz",
        labels=LABEL_SETS / f"{one.labels}.toml",
        limit=limit or one.sentences,
        seed=0,
    )
    return data / f"{name}.jsonl.gz", choice
