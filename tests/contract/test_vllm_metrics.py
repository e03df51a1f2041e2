"""The vLLM that is installed has the metrics that the dashboard shows."""

from support import ROOT
from support.vllm_metrics import VLLM_METRICS


def test_vllm_has_every_metric_that_the_dashboard_shows():
    [source] = ROOT.glob(".venv-vllm/lib/python3*/site-packages/vllm/v1/metrics/loggers.py")
    text = source.read_text("utf-8")

    assert [name for name in VLLM_METRICS if f'"{name}"' not in text] == []
    assert 'labelnames = ["model_name", "engine"]' in text
