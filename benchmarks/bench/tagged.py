"""What tagging a document gave and cost, whichever way it was tagged."""

from collections.abc import Mapping
from dataclasses import dataclass

from ner_core.evaluation.baselines import Found
from ner_core.types import StageCounts


@dataclass(frozen=True, slots=True)
class Tagged:
    """Entities of a document: those found, and those found but for the verifier's verdict.

    ``counts`` is by stage and model.
    """

    found: Found
    rejected: Found
    counts: Mapping[tuple[str, str], StageCounts]
