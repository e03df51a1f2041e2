"""The formats of ``tagwire export``, by name."""

from collections.abc import Callable, Mapping, Sequence

from streams.export.conll import conll
from streams.export.docbin import docbin
from streams.export.exported import Exported
from streams.export.label_studio import label_studio
from streams.export.lines import jsonl
from streams.export.ninjs import ninjs
from streams.export.page import page
from streams.export.rows import rows
from streams.export.tagged import Tagged


def _html(documents: Sequence[Tagged]) -> Exported:
    return Exported(page(documents, title="Tagged documents"))


FORMATS: Mapping[str, Callable[[Sequence[Tagged]], Exported]] = {
    "jsonl": jsonl,
    "csv": rows,
    "conll": conll,
    "spacy": docbin,
    "label-studio": label_studio,
    "ninjs": ninjs,
    "html": _html,
}
"""Each returns the content of one file."""
