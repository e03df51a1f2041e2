"""Each count of the stages has a counter of its own unit, and readers find it again."""

from dataclasses import asdict, fields

from prometheus_client.parser import text_string_to_metric_families

from ner_core.types import StageCounts
from streams.host.stage_series import HELP, SERIES, field_of
from streams.worker.metrics import Metrics

COUNTS = StageCounts(*range(1, 1 + len(fields(StageCounts))))


def samples():
    metrics = Metrics()
    metrics.count_stages({("extract", "gemma"): COUNTS, ("verify", "gemma"): COUNTS})
    families = text_string_to_metric_families(metrics.exposition().decode())
    return [sample for family in families for sample in family.samples]


def test_every_count_is_on_the_page_and_read_back_under_its_name():
    read = [(field_of(s.name, s.labels), s.value) for s in samples()]
    found = [(name, value) for name, value in read if name is not None]

    assert sorted(found) == sorted([*asdict(COUNTS).items()] * 2)


def test_what_no_document_had_is_on_the_page_too():
    metrics = Metrics()
    for requests in (1, 2):
        metrics.count_stages({("extract", "gemma"): StageCounts(requests=requests)})
    families = text_string_to_metric_families(metrics.exposition().decode())
    read = [(field_of(s.name, s.labels), s.value) for f in families for s in f.samples]

    assert dict(r for r in read if r[0] is not None) == asdict(StageCounts(requests=3))


def test_values_of_a_label_are_parts_of_one_unit():
    units = {counter: [] for counter in HELP}
    for name, (counter, _) in SERIES.items():
        units[counter].append(name)

    assert units == {
        "tagwire_stage_requests": ["requests"],
        "tagwire_stage_cache_hits": ["cache_hits"],
        "tagwire_stage_tokens": ["prompt_tokens", "completion_tokens"],
        "tagwire_stage_cached_tokens": ["cached_tokens"],
        "tagwire_stage_abstentions": ["abstained"],
        "tagwire_stage_surfaces": ["literal", "folded", "rejected"],
    }


def test_other_metrics_and_when_a_counter_began_are_no_counts_of_stages():
    assert field_of("tagwire_documents_total", {"outcome": "dead"}) is None
    assert field_of("tagwire_stage_requests_created", {"stage": "extract"}) is None
