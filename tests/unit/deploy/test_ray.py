"""The Ray application serves the ensemble of the paper as its own file describes it."""

import json

import pytest
import yaml
from support import ROOT

from ner_core.ensemble import load_ensemble
from streams.serving.app import without_url

FOLDER = ROOT / "deploy/ray"
SERVED = yaml.safe_load((FOLDER / "serve.yaml").read_text("utf-8"))
[APPLICATION] = SERVED["applications"]
CONFIGS = {c["model_loading_config"]["model_id"]: c for c in APPLICATION["args"]["llm_configs"]}
PAPER = load_ensemble(ROOT / "models/paper.toml")
ON_RAY = load_ensemble(FOLDER / "ensemble.toml")
ELSEWHERE = {"url", "serve", "requests_in_flight"}
OF_THE_WORKER = {"enable_prompt_tokens_details": True, "scheduling_policy": "priority"}


def arguments(flags):
    """vLLM's flags, each with a value, as arguments of its engine."""
    pairs = zip(flags[::2], flags[1::2], strict=True)
    return {name.removeprefix("--").replace("-", "_"): read(value) for name, value in pairs}


def read(value):
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value


def test_the_application_serves_the_backbones_of_the_paper():
    served = {name: c["model_loading_config"]["model_source"] for name, c in CONFIGS.items()}

    assert served == {backbone.name: backbone.serve.model for backbone in PAPER.backbone}


@pytest.mark.parametrize("backbone", PAPER.backbone, ids=lambda backbone: backbone.name)
def test_an_engine_has_the_flags_of_the_ensemble_file_and_those_of_the_gpu_worker(backbone):
    expected = {**arguments(backbone.serve.flags), **OF_THE_WORKER}

    assert CONFIGS[backbone.name]["engine_kwargs"] == expected


def test_the_ensemble_differs_from_the_paper_in_where_its_models_are_alone():
    paper = PAPER.model_dump(exclude={"backbone": {"__all__": ELSEWHERE}})

    assert ON_RAY.model_dump(exclude={"backbone": {"__all__": ELSEWHERE}}) == paper


def test_every_backbone_is_asked_at_the_port_of_the_application_and_the_encoder_is_not_on_ray():
    port = SERVED["http_options"]["port"]

    assert {backbone.url for backbone in ON_RAY.backbone} == {f"http://ray:{port}/v1"}
    assert without_url(ON_RAY) == [ON_RAY.embedder]


@pytest.mark.parametrize("backbone", ON_RAY.backbone, ids=lambda backbone: backbone.name)
def test_as_many_prompts_are_in_flight_as_the_replicas_of_a_model_take(backbone):
    alone = {b.name: b.requests_in_flight for b in PAPER.backbone}[backbone.name]
    replicas = CONFIGS[backbone.name]["deployment_config"]["num_replicas"]

    assert backbone.requests_in_flight == alone * replicas


def test_a_router_of_prefixes_spreads_the_load_and_forgets():
    routers = [c["deployment_config"]["request_router_config"] for c in CONFIGS.values()]

    for router in routers:
        assert router["request_router_class"].endswith(".PrefixCacheAffinityRouter")
        assert router["request_router_kwargs"]["imbalanced_threshold"] < min(
            backbone.requests_in_flight for backbone in PAPER.backbone
        )
        assert router["request_router_kwargs"]["do_eviction"]


def test_no_access_log_is_written():
    assert not SERVED["logging_config"]["enable_access_log"]
