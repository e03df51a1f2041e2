"""Calibration: scores come to hold what they say, and keep their order."""

import pytest

from ner_core.calibration import Calibration, fit
from ner_core.ensemble import Ensemble
from ner_core.evaluation.scores import bins, calibration_error

OVERSURE = [(0.9, True), (0.9, False), (0.6, True), (0.6, False), (0.6, False), (0.6, False)]
ONE_FILE = [(score, 0.5, right) for score, right in OVERSURE]
STRICT = Calibration(intercept=-1.0, slope=1.0)


def test_fitted_scores_hold_what_they_say():
    fitted = fit(ONE_FILE * 20)

    after = [(fitted.of(score), right) for score, right in OVERSURE * 20]

    assert calibration_error(after) < 0.02 < calibration_error(OVERSURE * 20)


def test_a_calibration_keeps_the_order_of_scores():
    fitted = fit(ONE_FILE)

    assert fitted.of(0.0) < fitted.of(0.3) < fitted.of(0.6) < fitted.of(1.0)


def test_a_calibration_that_changes_nothing_gives_the_score_back():
    same = Calibration(intercept=0.0, slope=1.0)

    assert same.of(0.37) == pytest.approx(0.37)


def test_where_more_sentences_hold_nothing_less_of_what_is_found_is_right():
    sparse = [(score, 0.6, right and n % 4 == 0) for n, (score, right) in enumerate(OVERSURE * 20)]
    dense = [(score, 0.0, True) for score, _ in OVERSURE * 20] + ONE_FILE

    fitted = fit(sparse + dense)

    assert fitted.empty < 0
    assert fitted.of(0.6, 0.6) < 0.3
    assert fitted.of(0.6, 0.0) > 0.7


def test_one_file_says_nothing_of_the_share():
    assert fit(ONE_FILE).empty == 0.0


@pytest.mark.parametrize("scored", [[], [(0.5, 0.1, True)], [(0.2, 0.1, False), (0.9, 0.3, False)]])
def test_nothing_can_be_fitted_where_all_are_right_or_none(scored):
    assert fit(scored) is None


def test_a_bin_has_its_mean_score_its_share_of_right_ones_and_its_number():
    assert bins([(0.25, True), (0.27, False), (1.0, True)]) == [
        (pytest.approx(0.26), 0.5, 2),
        (1.0, 1.0, 1),
    ]


def ensemble(calibration):
    backbone = {"name": "gemma", "style": "pattern", "context_tokens": 4096, "url": "http://x/v1"}
    embedder = {"name": "hashed", "url": "http://x/v1"}
    return Ensemble.model_validate(
        {
            "name": "test",
            "verifier": "gemma",
            "backbone": [backbone],
            "embedder": embedder,
            "calibration": calibration,
        }
    )


def test_a_label_set_has_its_own_calibration_or_the_default_or_none():
    own = ensemble({"news": STRICT, "default": Calibration(intercept=0.0, slope=0.0)})

    assert own.calibrated(0.5, "news", 0.0) == STRICT.of(0.5)
    assert own.calibrated(0.9, "tweets", 0.0) == 0.5
    assert ensemble({}).calibrated(0.9, "tweets", 0.0) == 0.9


@pytest.mark.parametrize("slope", [100.0, 1e6])
def test_a_steep_slope_has_scores_of_0_and_1(slope):
    steep = Calibration(intercept=0.0, slope=slope)

    assert steep.of(0.0) == pytest.approx(0.0)
    assert steep.of(1.0) == pytest.approx(1.0)
