"""The manifests are valid, locked down, end in time, and agree with settings and ensemble."""

import subprocess
import sys
import tomllib
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from support import ROOT
from support.commands import parsed

from streams.settings import PREFIX, Settings, load_settings
from streams.worker.app import FORCE_S

FOLDER = ROOT / "deploy/kubernetes"
KUBECTL = Path(sys.executable).parent / "kubectl"
OF_KEDA = "ScaledObject"
"""Its schema is that of an operator, which Kubernetes' own schemas do not have."""


def built(folder):
    """What kustomize makes of a folder."""
    command = [KUBECTL, "kustomize", str(folder), "--load-restrictor", "LoadRestrictionsNone"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def with_components(folder, base, *components):
    """What a kustomization with further components makes of a base."""
    made = {
        "resources": [str(FOLDER / base)],
        "components": [str(FOLDER / "components" / name) for name in components],
    }
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(relative(made, folder)), "utf-8")
    return built(folder)


def relative(made, folder):
    up = "../" * len(folder.parts[1:])
    return {key: [up + path.lstrip("/") for path in paths] for key, paths in made.items()}


@pytest.fixture(scope="module")
def example():
    return built(FOLDER / "example")


@pytest.fixture(scope="module", params=["example", "topics", "sasl", "topics with sasl"])
def manifests(request, tmp_path_factory):
    if "sasl" in request.param:
        base = "topics" if "topics" in request.param else "base"
        return with_components(tmp_path_factory.mktemp("made"), base, "sasl")
    return built(FOLDER / request.param)


def the(manifests, kind, name):
    [found] = [m for m in manifests if (m["kind"], m["metadata"]["name"]) == (kind, name)]
    return found


def pods(manifests):
    return [m["spec"]["template"]["spec"] for m in manifests if m["kind"] in {"Deployment", "Job"}]


def containers(pod):
    return [*pod.get("initContainers", []), *pod["containers"]]


def test_every_manifest_is_valid_by_the_schemas_of_kubernetes(manifests):
    version = kubernetes_validate.latest_version()

    for manifest in manifests:
        if manifest["kind"] != OF_KEDA:
            kubernetes_validate.validate(manifest, version, strict=True)


def test_a_key_that_kubernetes_does_not_know_would_be_noticed(example):
    broken = the(example, "Deployment", "tagwire-worker")
    broken = {**broken, "spec": {**broken["spec"], "replica": 2}}

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, kubernetes_validate.latest_version(), strict=True)


def test_every_pod_is_locked_down(manifests):
    for pod in pods(manifests):
        context = pod["securityContext"]
        assert context["runAsNonRoot"] is True
        assert context["runAsUser"] > 0
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        for container in containers(pod):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert container["resources"]["requests"].keys() == {"cpu", "memory"}
            assert "memory" in container["resources"]["limits"]


def test_every_variable_is_a_setting_that_can_be_read(manifests, monkeypatch, tmp_path):
    configured = {}
    for manifest in manifests:
        if manifest["kind"] == "ConfigMap":
            configured |= manifest["data"]
    for pod in pods(manifests):
        for container in containers(pod):
            own = {e["name"]: e.get("value", "user") for e in container.get("env", [])}
            configured |= {name: value for name, value in own.items() if name.startswith(PREFIX)}
    password = tmp_path / "password"
    password.write_text("secret", "utf-8")
    for name, value in configured.items():
        monkeypatch.setenv(name, str(password) if name.endswith("_FILE") else value)

    assert load_settings()


def test_secrets_are_files_or_references_and_never_values(tmp_path):
    made = with_components(tmp_path, "base", "sasl")
    [worker] = the(made, "Deployment", "tagwire-worker")["spec"]["template"]["spec"]["containers"]
    env = {e["name"]: e for e in worker["env"]}
    mounts = [mount["mountPath"] for mount in worker["volumeMounts"]]

    assert "TAGWIRE_SASL_PASSWORD" not in env
    for name in ("TAGWIRE_SASL_PASSWORD_FILE", "TAGWIRE_SSL_CA_FILE"):
        assert str(Path(env[name]["value"]).parent) in mounts
    assert not [m for m in made if m["kind"] == "Secret"]


def test_a_worker_is_probed_on_its_pages_and_has_time_to_drain(example):
    pod = the(example, "Deployment", "tagwire-worker")["spec"]["template"]["spec"]
    [worker] = pod["containers"]

    assert pod["terminationGracePeriodSeconds"] > load_settings().drain_timeout_s + FORCE_S
    assert worker["livenessProbe"]["httpGet"]["path"] == "/live"
    assert worker["startupProbe"]["httpGet"]["path"] == "/live"
    assert worker["readinessProbe"]["httpGet"]["path"] == "/ready"
    assert worker["ports"] == [{"name": "web", "containerPort": default("web_port")}]


def default(name):
    return Settings.model_fields[name].default


def test_one_worker_at_a_time_is_taken_away(example):
    budget = the(example, "PodDisruptionBudget", "tagwire-worker")["spec"]
    worker = the(example, "Deployment", "tagwire-worker")["spec"]

    assert budget["maxUnavailable"] == 1
    assert budget["selector"] == worker["selector"]


def test_workers_follow_the_lag_of_their_group_up_to_the_partitions(example):
    scaled = the(example, OF_KEDA, "tagwire-worker")["spec"]
    [trigger] = scaled["triggers"]
    config = the_config(example)

    assert trigger["type"] == "kafka"
    assert scaled["maxReplicaCount"] == default("partitions")
    assert trigger["metadata"]["topic"] == default("documents_topic")
    assert trigger["metadata"]["consumerGroup"] == default("group")
    assert trigger["metadata"]["allowIdleConsumers"] == "false"
    assert trigger["metadata"]["bootstrapServers"] == config["TAGWIRE_BOOTSTRAP"]
    assert "replicas" not in the(example, "Deployment", "tagwire-worker")["spec"]


def the_config(manifests):
    [config] = [m["data"] for m in manifests if m["kind"] == "ConfigMap"]
    return config


def test_the_engines_have_one_gpu_and_a_port_for_each_model_of_the_ensemble(example):
    pod = the(example, "Deployment", "tagwire-engines")["spec"]["template"]["spec"]
    service = the(example, "Service", "tagwire-engines")["spec"]
    policy = the(example, "NetworkPolicy", "tagwire-engines")["spec"]
    ensemble = tomllib.loads((ROOT / the_config(example)["TAGWIRE_ENSEMBLE"]).read_text("utf-8"))
    models = [*ensemble["backbone"], ensemble["embedder"]]
    ports = {model["serve"]["port"] for model in models}
    [engines] = pod["containers"]
    named = {port["name"]: port["containerPort"] for port in engines["ports"]}

    assert engines["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert set(named.values()) == ports | {default("engines_web_port")}
    assert {port["targetPort"]: port["port"] for port in service["ports"]} == named
    assert {named[port["port"]] for port in policy["ingress"][0]["ports"]} == ports
    assert the_config(example)["TAGWIRE_ENGINE_HOST"] == "tagwire-engines"


def test_redis_is_where_the_workers_look_for_it(example):
    service = the(example, "Service", "tagwire-redis")
    port = service["spec"]["ports"][0]["port"]

    url = f"redis://{service['metadata']['name']}:{port}/0"
    assert the_config(example)["TAGWIRE_REDIS_URL"] == url


def test_the_job_creates_the_topics_before_it_loads_demonstrations():
    job = the(built(FOLDER / "topics"), "Job", "tagwire-topics")
    pod = job["spec"]["template"]["spec"]

    first, then = containers(pod)
    assert parsed(first["args"]) == ["topics", "create"]
    assert parsed(then["args"]) == ["demos", "add"]
    assert "--if-empty" in then["args"]  # a job that is applied again leaves the pool alone
    assert (ROOT / then["args"][-1]).is_file()
