"""Documents per second and their price, by an arithmetic done by hand."""

import pytest

from ner_core.modes import Modes
from streams.serving.estimate import estimated, prompt_tokens
from streams.serving.memory import GIB, EngineMemory
from streams.serving.plan import planned


@pytest.mark.parametrize(
    ("modes", "tokens"),
    [
        ({"demonstrations": 0}, 25 * 255),
        ({"demonstrations": 8}, 25 * (255 + 8 * 63)),
        ({"demonstrations": 8, "demonstration_scope": "document"}, 8 * 63 + 25 * 255),
        ({"demonstrations": 8, "shared_demonstrations": 6}, 6 * 63 + 25 * (255 + 2 * 63)),
        ({"demonstrations": 100, "demonstration_tokens": 1500}, 25 * (255 + 1500)),
    ],
)
def test_a_model_computes_the_demonstrations_once_a_document_or_a_sentence(modes, tokens):
    assert prompt_tokens(Modes(**modes)) == tokens


def decoder(port, parameters, precision="auto"):
    return EngineMemory(str(port), port, precision, parameters, GIB, 0, 1000, 4096)


ENCODER = EngineMemory("encoder", 9, "auto", 10**12, GIB)
MODES = Modes(demonstrations=0)


def test_the_estimate_is_the_speed_of_a_card_over_the_work_of_a_document():
    plan = planned([decoder(1, 7_385_000_000), decoder(2, 7_385_000_000), ENCODER], [80 * GIB])
    estimate = estimated(plan, MODES)

    # As many parameters as Qwen3-14B, which reads 10,600 tokens/s.
    assert estimate.documents_per_s == pytest.approx(10_600 / (25 * 255))
    assert estimate.cost(3.6) == pytest.approx(3.6 / 3600 * 1000 / (10_600 / (25 * 255)))


def test_in_fp8_a_card_is_faster():
    plan = planned([decoder(1, 14_770_000_000, "fp8_per_channel")], [80 * GIB])

    assert estimated(plan, MODES).documents_per_s == pytest.approx(14_800 / (25 * 255))


def test_the_busiest_card_bounds_all_of_them():
    plan = planned([decoder(1, 14_770_000_000), decoder(2, 1_000_000)], [80 * GIB] * 2)

    assert estimated(plan, MODES).documents_per_s == pytest.approx(10_600 / (25 * 255))


@pytest.mark.parametrize("engine", [EngineMemory("phi", 1, "auto", stated_share=0.5), ENCODER])
def test_nothing_is_estimated_of_what_is_not_known(engine):
    assert estimated(planned([engine], [80 * GIB]), MODES) is None
