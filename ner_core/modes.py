"""Modes: choices that the paper leaves open, made in an ensemble file."""

from typing import Literal

from pydantic import Field, model_validator

from ner_core.validation import Frozen


class Consistency(Frozen):
    """When a mention takes the type that its document gives its name.

    Its own margin must be under ``own_margin_nats``, that of all mentions of the name over
    ``group_margin_nats``. A margin is the natural logarithm of the odds of the best option
    against the next: 0.7 nats are 2:1, 1.1 are 3:1, 2.3 are 10:1. Both are 0 or more; an own
    margin is at most 4.6.
    """

    own_margin_nats: float = Field(default=1.0, ge=0)
    group_margin_nats: float = Field(default=2.0, ge=0)


class Modes(Frozen):
    """Choices that the paper leaves open, made per ensemble.

    Of ``demonstrations`` per sentence, ``shared_demonstrations`` are chosen for the document and
    come first, so that the prefix cache is hit. A type that wins the vote with a raw score below
    ``least_score`` is no entity. ``pool_votes``: the pool votes too, by its names, and with
    ``names_in_context`` by the words around them, for an encoder trained for it. ``border_words``:
    borders follow the demonstrations. ``consistency``: mentions of one name in a document are
    weighed together, its other occurrences proposed. With ``bias_mentions``, each member is asked
    once about so many mentions of each type in the pool, and its votes are rid of the bias that it
    shows there. ``overlaps = "flat"``: an entity inside another is left out, unless demonstrations
    of the label set have such pairs. Windows are measured in code points.
    """

    units: Literal["sentences", "fields"] = "sentences"
    rough_spans: Literal["models", "rules"] = "models"
    retrieval: Literal["spansim", "sentence", "random"] = "spansim"
    candidate_spans: Literal["gold", "rough"] = "gold"
    demonstration_scope: Literal["sentence", "document"] = "sentence"
    demonstration_order: Literal["canonical", "nearest_last"] = "canonical"
    demonstrations: int = Field(default=8, ge=0)
    shared_demonstrations: int = Field(default=0, ge=0)
    empty_demonstrations: int = Field(default=0, ge=0)
    least_score: float = Field(default=0, ge=0, le=1)
    pool_votes: bool = False
    border_words: bool = Field(default=False, exclude_if=lambda value: not value)
    names_in_context: bool = Field(default=False, exclude_if=lambda value: not value)
    bias_mentions: int = Field(default=0, ge=0, exclude_if=lambda value: not value)
    demonstration_tokens: int = Field(default=1500, ge=0)
    none_keys: int = Field(default=0, ge=0, le=2)
    overlaps: Literal["keep", "flat"] = "flat"
    verify: Literal["all", "disputed", "off"] = "all"
    verify_threshold: float = Field(default=0.5, ge=0, le=1)
    max_window_chars: int = Field(default=600, ge=50)
    window_overlap_chars: int = Field(default=100, ge=0)
    max_answer_tokens: int = Field(default=160, ge=8)
    consistency: Consistency | None = Field(default=None, exclude_if=lambda value: value is None)

    @model_validator(mode="after")
    def _moving_on(self) -> "Modes":
        if 2 * self.window_overlap_chars >= self.max_window_chars:
            msg = (
                f"window_overlap_chars = {self.window_overlap_chars} must be less than half of "
                f"max_window_chars = {self.max_window_chars}, or windows hardly move on"
            )
            raise ValueError(msg)
        return self
