"""Which counter of Prometheus has which of a stage's counts; each counter has one unit."""

from collections.abc import Mapping
from typing import NamedTuple


class Series(NamedTuple):
    """A counter, and the value of its last label; the labels before that are stage and model."""

    counter: str
    value: str | None = None


HELP = {
    "tagwire_stage_requests": "Questions asked, stored answers included",
    "tagwire_stage_cache_hits": "Questions answered from the store",
    "tagwire_stage_tokens": "Tokens of prompts and completions, by kind",
    "tagwire_stage_cached_tokens": "Prompt tokens that the server took from its prefix cache",
    "tagwire_stage_abstentions": "Answers that could not be used",
    "tagwire_stage_surfaces": "Surfaces listed: literal in the text, folded, or rejected",
}

LABEL = {"tagwire_stage_tokens": "kind", "tagwire_stage_surfaces": "outcome"}
"""The last label of the counters that have one."""

SERIES = {
    "requests": Series("tagwire_stage_requests"),
    "cache_hits": Series("tagwire_stage_cache_hits"),
    "prompt_tokens": Series("tagwire_stage_tokens", "prompt"),
    "completion_tokens": Series("tagwire_stage_tokens", "completion"),
    "cached_tokens": Series("tagwire_stage_cached_tokens"),
    "abstained": Series("tagwire_stage_abstentions"),
    "literal": Series("tagwire_stage_surfaces", "literal"),
    "folded": Series("tagwire_stage_surfaces", "folded"),
    "rejected": Series("tagwire_stage_surfaces", "rejected"),
}
"""By field of ``StageCounts``."""

_FIELDS = {series: name for name, series in SERIES.items()}


def field_of(sample: str, labels: Mapping[str, str]) -> str | None:
    """Return the field of ``StageCounts`` that a sample counts; ``None`` if it counts none.

    Raises:
        KeyError: it lacks the last label.
    """
    counter = sample.removesuffix("_total")
    if counter not in HELP or counter == sample:
        return None
    value = labels[LABEL[counter]] if counter in LABEL else None
    return _FIELDS.get(Series(counter, value))
