"""One folder, one run."""

import pytest

from ner_core.errors import ConfigurationError
from training.claim import claim

PLAN = {"base": "smollm2", "start": "a fresh adapter", "seed": 0, "data": "/data"}


def test_a_run_is_resumed_with_what_it_was_begun_with(tmp_path):
    claim(tmp_path / "run", PLAN)
    claim(tmp_path / "run", PLAN)


@pytest.mark.parametrize(
    "other", [{"base": "gemma"}, {"start": "/mine"}, {"seed": 1}, {"data": "/d"}]
)
def test_a_folder_that_holds_another_run_is_refused_with_what_differs(other, tmp_path):
    claim(tmp_path, PLAN)
    ((key, value),) = other.items()

    with pytest.raises(
        ConfigurationError, match=rf"another run \({key}: {PLAN[key]}, not {value}\).*RUN="
    ):
        claim(tmp_path, {**PLAN, **other})
