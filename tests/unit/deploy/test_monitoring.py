"""Dashboard and alerts ask only for metrics and labels that worker and gpu-worker have."""

import json
import re

import promql_parser as promql
import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard
from support import ROOT
from support.exposition import gpu_worker_metrics, labels_of, worker_metrics
from support.vllm_metrics import VLLM_METRICS

from streams.settings import Settings

DEPLOY = ROOT / "deploy"
DASHBOARD = json.loads((DEPLOY / "grafana/tagwire.json").read_text("utf-8"))
ALERTS = yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text("utf-8"))
PROMETHEUS = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text("utf-8"))
RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
QUERIES = [(p["title"], t["expr"]) for p in PANELS for t in p["targets"]]
LEGENDS = [(p["title"], t["expr"], t["legendFormat"]) for p in PANELS for t in p["targets"]]
EXPRESSIONS = [*QUERIES, *((rule["alert"], rule["expr"]) for rule in RULES)]
OF_A_SCRAPE = {"job", "instance"}
KNOWN = VLLM_METRICS | labels_of([*worker_metrics(), *gpu_worker_metrics()])


def parsed(expression):
    """The tree of an expression; variables of Grafana are durations."""
    return promql.parse(re.sub(r"\$__\w+", "5m", expression))


def below(node):
    """All selectors in a tree, and all labels that it groups by."""
    if isinstance(node, promql.VectorSelector):
        return [node], set()
    if isinstance(node, promql.MatrixSelector):
        return [node.vector_selector], set()
    parts = [getattr(node, name, None) for name in ("lhs", "rhs", "expr", "param")]
    parts += list(getattr(node, "args", []))
    found = [below(part) for part in parts if isinstance(part, promql.Expr)]
    selectors = [selector for more, _ in found for selector in more]
    labels = set().union(*(more for _, more in found))
    modifier = getattr(node, "modifier", None)
    if isinstance(node, promql.AggregateExpr) and modifier is not None:
        labels |= set(modifier.labels)
    return selectors, labels


@pytest.mark.parametrize(("name", "expression"), EXPRESSIONS)
def test_every_expression_names_metrics_and_labels_that_exist(name, expression):
    selectors, grouped = below(parsed(expression))

    assert selectors, name
    assert {s.name for s in selectors} <= KNOWN.keys()
    for selector in selectors:
        matched = {matcher.name for matcher in selector.matchers.matchers}
        assert matched | grouped <= KNOWN[selector.name] | OF_A_SCRAPE


@pytest.mark.parametrize(("panel", "expression", "legend"), LEGENDS)
def test_every_legend_names_only_labels_that_its_query_keeps(panel, expression, legend):
    _, grouped = below(parsed(expression))

    assert set(re.findall(r"{{(\w+)}}", legend)) <= (grouped or OF_A_SCRAPE), panel


def test_a_misspelled_metric_or_label_would_be_noticed():
    selectors, grouped = below(parsed("sum by (modell) (rate(tagwire_stages_total[5m]))"))

    assert [selector.name for selector in selectors] == ["tagwire_stages_total"]
    assert selectors[0].name not in KNOWN
    assert grouped == {"modell"}


def test_every_metric_of_ours_is_on_the_dashboard():
    shown = {s.name for _, expression in QUERIES for s in below(parsed(expression))[0]}
    own = {f.name for f in [*worker_metrics(), *gpu_worker_metrics()] if "tagwire" in f.name}
    base = {re.sub(r"_(total|bucket|sum|count)$", "", name) for name in shown}

    assert {name for name in own if not name.endswith("_created")} <= base


def test_the_dashboard_has_only_fields_of_grafana_s_schema():
    read = json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(DASHBOARD)))

    assert not lost(DASHBOARD, read)


def lost(ours, theirs, path=""):
    """Paths of what a reading by Grafana's own types leaves out or changes."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return [
            found
            for key, value in ours.items()
            for found in lost(value, theirs.get(key, "missing"), f"{path}.{key}")
        ]
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = zip(ours, theirs, strict=True)
        return [found for n, pair in enumerate(pairs) for found in lost(*pair, f"{path}[{n}]")]
    return [] if ours == theirs else [path]


def test_a_field_that_grafana_does_not_know_would_be_noticed():
    broken = {**DASHBOARD, "panals": [], "refresh": "30s"}
    read = json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(broken)))

    assert lost(broken, read) == [".panals"]


def test_panels_have_numbers_of_their_own_and_do_not_overlap():
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    cells = [
        (x, y)
        for p in places
        for x in range(p["x"], p["x"] + p["w"])
        for y in range(p["y"], p["y"] + p["h"])
    ]

    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    numbers = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(numbers) == len(set(numbers))


def test_every_panel_says_what_it_shows():
    assert [panel["title"] for panel in PANELS if not panel.get("description")] == []


def test_every_alert_has_a_severity_a_summary_and_what_to_do():
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert rule["annotations"].keys() == {"summary", "description"}


def test_prometheus_reads_the_alerts_and_scrapes_the_pages_of_both():
    assert PROMETHEUS["rule_files"] == ["alerts.yml"]
    ports = {
        job["job_name"]: job["dns_sd_configs"][0]["port"] for job in PROMETHEUS["scrape_configs"]
    }
    assert ports == {
        "tagwire-worker": Settings.model_fields["web_port"].default,
        "tagwire-engines": Settings.model_fields["engines_web_port"].default,
    }
