"""The metrics of several engines on one page."""

from prometheus_client.parser import text_string_to_metric_families

from ner_core.testing.replies import metrics
from streams.host.exposition import merged

PROCESS = """\
# HELP process_open_fds Number of open file descriptors.
# TYPE process_open_fds gauge
process_open_fds 22.0
# HELP http_requests_total Requests.
# TYPE http_requests_total counter
http_requests_total{handler="/v1",status="2xx"} 5.0
"""


def samples(page):
    return {
        (sample.name, sample.labels.get("model_name")): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def test_every_sample_names_its_model():
    gemma, phi = metrics("gemma", 3, 0), metrics("phi/base", 5, 0)
    page = merged({"gemma": PROCESS + gemma, "phi": PROCESS + phi}, "model_name")
    count = "vllm:iteration_tokens_total_count"

    found = samples(page)
    assert found[count, "gemma"] == 3
    assert found[count, "phi/base"] == 5
    assert found["process_open_fds", "gemma"] == found["process_open_fds", "phi"] == 22
    assert found["http_requests_total", "gemma"] == 5


def test_every_family_is_described_once_and_its_samples_are_together():
    lines = merged({"gemma": PROCESS, "phi": PROCESS}, "model_name").splitlines()

    assert lines[:4] == [
        "# HELP process_open_fds Number of open file descriptors.",
        "# TYPE process_open_fds gauge",
        'process_open_fds{model_name="gemma"} 22.0',
        'process_open_fds{model_name="phi"} 22.0',
    ]
    assert len(lines) == len(set(lines)) == 8


def test_other_labels_stay():
    page = merged({"gemma": PROCESS}, "model_name")

    assert 'http_requests_total{model_name="gemma",handler="/v1",status="2xx"} 5.0' in page


def test_a_value_that_looks_like_the_label_is_none():
    sample = '# TYPE x gauge\nx{path="a,model_name=\\"b\\"}"} 1\n'

    assert merged({"gemma": sample}, "model_name").endswith(
        'x{model_name="gemma",path="a,model_name=\\"b\\"}"} 1\n'
    )


def test_an_odd_name_is_escaped():
    page = merged({'a"b\\c': "# TYPE x gauge\nx 1\n"}, "model_name")

    assert samples(page) == {("x", 'a"b\\c'): 1}


def test_of_nothing_there_is_nothing():
    assert merged({}, "model_name") == merged({"gemma": ""}, "model_name") == ""


def test_a_value_may_have_any_line_break_but_the_one_that_ends_a_line():
    value = "A\u2028B\u0085C\x0bD"
    page = f'# HELP n A number.\n# TYPE n gauge\nn{{source="{value}"}} 1.0\n'

    [family] = text_string_to_metric_families(merged({"one": page}, "worker"))

    assert [s.labels for s in family.samples] == [{"source": value, "worker": "one"}]
