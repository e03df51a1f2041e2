"""Metrics are named as Prometheus recommends, explained, and bounded in number."""

import re

import pytest
from support import ROOT
from support.exposition import gpu_worker_metrics, worker_metrics

from ner_core.types import StageCounts, TaggedDocument
from streams.wire.documents import DocumentRecord
from streams.worker.metrics import OUTCOMES, Metrics
from streams.worker.source_figures import LONGEST_NAME, MOST_SOURCES, OTHERS

FAMILIES = [
    family
    for family in [*worker_metrics(), *gpu_worker_metrics()]
    if family.name.startswith("tagwire_") and not family.name.endswith("_created")
]
OTHER_UNITS = r"_(ms|milliseconds|minutes|hours|kb|mb|kilobytes|megabytes|percent)(_|$)"


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_names_follow_the_convention(family):
    samples = {sample.name for sample in family.samples}

    assert re.fullmatch(r"tagwire_[a-z]+(_[a-z]+)*", family.name)
    assert not re.search(OTHER_UNITS, family.name)
    assert family.type in {"counter", "gauge", "histogram"}
    if family.type == "counter":
        assert f"{family.name}_total" in samples
    else:
        assert not family.name.endswith(("_total", "_count", "_sum", "_bucket"))
    if family.type == "histogram":
        assert family.name.endswith("_seconds")


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_metric_is_explained_on_the_page_and_in_the_guide(family):
    assert len(family.documentation.split()) >= 2
    guide = (ROOT / "docs/how-to/operate.md").read_text("utf-8")
    name = f"{family.name}_total" if family.type == "counter" else family.name
    assert f"`{name}" in guide


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_labels_are_words(family):
    labels = {label for sample in family.samples for label in sample.labels}

    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", label) for label in labels)


def test_outcomes_are_there_before_the_first_document():
    metrics = Metrics()

    for outcome in OUTCOMES:
        labels = {"outcome": outcome}
        assert metrics.registry.get_sample_value("tagwire_documents_total", labels) == 0


def counted(*sources, label_set=None):
    """Figures of a worker that has tagged a document of each source."""
    metrics = Metrics()
    counts = {
        ("extract", "gemma"): StageCounts(prompt_tokens=70, cached_tokens=30, completion_tokens=5),
        ("classify", "gemma"): StageCounts(prompt_tokens=30, cached_tokens=30),
    }
    for source in sources:
        record = DocumentRecord(id="a", text="x", source=source, label_set=label_set)
        metrics.count_tagged(record, TaggedDocument("a", "f", (), (), 1, counts), 2.5)

    def figure(name, **labels):
        return metrics.registry.get_sample_value(f"tagwire_source_{name}_total", labels)

    return metrics, figure


def test_tokens_and_seconds_are_counted_by_source_and_label_set():
    _, figure = counted("afp", "afp", None, label_set="ships")

    afp, nobody = ({"source": name, "label_set": "ships"} for name in ("afp", ""))
    assert figure("documents", **afp) == 2
    assert figure("seconds", **afp) == 5
    assert figure("seconds", **nobody) == 2.5
    assert figure("tokens", **afp, model="gemma", kind="prompt") == 200
    assert figure("tokens", **afp, model="gemma", kind="completion") == 10
    assert figure("cached_tokens", **afp, model="gemma") == 120


def test_further_sources_and_those_with_long_names_are_counted_together():
    names = [f"s{n}" for n in range(MOST_SOURCES + 3)]
    _, figure = counted("x" * (LONGEST_NAME + 1), *names, "s0")

    assert figure("documents", source="s0", label_set="news") == 2
    assert figure("documents", source=names[MOST_SOURCES], label_set="news") is None
    assert figure("documents", source=OTHERS, label_set="news") == 4


def test_a_source_that_utf_8_cannot_hold_is_shown_escaped():
    metrics, _ = counted("\ud800")

    assert b'source="\\\\ud800"' in metrics.exposition()
