"""An ensemble file: what it may say, and what is refused."""

import pytest
from pydantic import ValidationError

from ner_core.calibration import Calibration
from ner_core.ensemble import Modes


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
