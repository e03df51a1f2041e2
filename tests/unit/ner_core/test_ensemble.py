"""An ensemble file: what it may say, and what is refused."""

import pytest
from pydantic import ValidationError

from ner_core.calibration import Calibration
from ner_core.ensemble import Backbone, Ensemble, Modes


@pytest.mark.parametrize("overlap", [300, 600, 1_000])
def test_windows_that_would_hardly_move_on_are_refused(overlap):
    with pytest.raises(ValidationError, match="window_overlap_chars"):
        Modes(max_window_chars=600, window_overlap_chars=overlap)


def test_windows_that_overlap_by_less_than_half_are_accepted():
    assert Modes(max_window_chars=600, window_overlap_chars=299).window_overlap_chars == 299


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_calibration_is_made_of_numbers(value):
    with pytest.raises(ValidationError):
        Calibration(intercept=0.0, slope=value)


BACKBONE = {"name": "a", "style": "chat", "context_tokens": 4096, "url": "http://x/v1"}


def test_fields_for_a_server_are_part_of_an_ensemble_only_if_there_are_any():
    extra = {"chat_template_kwargs": {"enable_thinking": False}}

    assert "extra_body" not in Backbone.model_validate(BACKBONE).model_dump()
    with_more = Backbone.model_validate({**BACKBONE, "extra_body": extra})
    assert with_more.model_dump(mode="json")["extra_body"] == extra


@pytest.mark.parametrize("name", ["model", "messages", "max_tokens", "response_format", "stream"])
def test_fields_that_tagwire_sets_itself_are_refused(name):
    with pytest.raises(ValidationError, match=f"Tagwire sets {name} itself"):
        Backbone.model_validate({**BACKBONE, "extra_body": {name: 1}})


def with_stack(modes=None, **weights):
    stack = {"intercept": 0.0, "weights": weights}
    file = {"name": "x", "verifier": "a", "backbone": [BACKBONE], "modes": modes or {}}
    embedder = {"name": "e", "url": "http://x/v1"}
    return Ensemble.model_validate({**file, "embedder": embedder, "stack": stack})


def test_a_stack_weighs_evidence_on_members_of_the_ensemble_and_the_pool():
    made = with_stack(**{"mean": 1.0, "a wrote": 0.5, "pool votes": 0.2})

    assert made.stack.weights["a wrote"] == 0.5


@pytest.mark.parametrize("name", ["verifier", "b votes", "a elected", "means"])
def test_a_weight_of_evidence_that_no_member_brings_is_refused(name):
    with pytest.raises(ValidationError, match=f"nobody knows here: {name}"):
        with_stack(**{name: 1.0})


def test_a_stack_has_the_only_threshold():
    with pytest.raises(ValidationError, match="remove least_score"):
        with_stack(modes={"least_score": 0.4}, mean=1.0)
