"""The composition: profiles, health checks, volumes, and commands that the command line knows."""

import re

import pytest
import yaml
from compose_spec import PyCompose
from support import ROOT
from support.commands import parsed

from streams.settings import load_settings
from streams.worker.app import FORCE_S

COMPOSITION = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES = COMPOSITION["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
ONCE = {name: service for name, service in OURS.items() if service["restart"] == "on-failure"}


def dockerfile(service):
    return (ROOT / service["build"]["dockerfile"]).read_text("utf-8")


def seconds(duration):
    return float(re.fullmatch(r"(\d+)s", duration)[1])


def command_of(service):
    default = re.search(r"^CMD \[(.*)\]$", dockerfile(service), re.MULTILINE)[1]
    return service.get("command") or [default.strip('"')]


def test_the_composition_is_one_by_the_schema_of_compose():
    read = PyCompose.from_yaml(yaml.safe_dump(COMPOSITION))

    assert set(read.service_names()) == SERVICES.keys()


@pytest.mark.parametrize(
    ("key", "value"),
    [("restrt", "always"), ("restart", "sometimes"), ("stop_grace_period", "40 parsecs")],
)
def test_a_key_or_a_value_that_compose_does_not_know_would_be_noticed(key, value):
    broken = {**COMPOSITION, "services": {**SERVICES, "redis": {**SERVICES["redis"], key: value}}}

    with pytest.raises(ValueError, match=rf"services\.redis.*{key}"):
        PyCompose.from_yaml(yaml.safe_dump(broken))


def test_profiles_are_those_that_the_guide_names():
    profiles = {name: service.get("profiles") for name, service in SERVICES.items()}

    assert profiles == {
        "kafka": None, "redis": None, "topics": None, "demos": None,
        "engines-cpu": ["cpu"], "worker-cpu": ["cpu"],
        "engines-gpu": ["gpu"], "worker-gpu": ["gpu"],
        "prometheus": ["observability"], "grafana": ["observability"],
    }  # fmt: skip


@pytest.mark.parametrize("name", OURS)
def test_every_command_is_one_of_the_command_line(name):
    expected = {
        "topics": ["topics", "create"],
        "demos": ["demos", "add"],
        "engines-cpu": ["gpu-worker"],
        "engines-gpu": ["gpu-worker"],
    }

    assert parsed(command_of(OURS[name])) == expected.get(name, ["worker"])


def test_a_command_that_does_not_exist_would_be_noticed():
    with pytest.raises(Exception, match="No such command"):
        parsed(["demos", "lod", "x"])


@pytest.mark.parametrize("name", sorted(OURS.keys() - ONCE.keys()))
def test_every_service_of_ours_that_stays_is_restarted_reaped_checked_and_ends_in_time(name):
    service = OURS[name]

    assert service["restart"] == "unless-stopped"
    assert service["init"] is True
    assert "\nHEALTHCHECK " in dockerfile(service)
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    drained = load_settings().drain_timeout_s + FORCE_S
    assert seconds(service["stop_grace_period"]) > (drained if "worker" in name else 0)


@pytest.mark.parametrize("name", ONCE)
def test_what_runs_once_has_no_health_check_and_is_waited_for(name):
    assert ONCE[name]["healthcheck"] == {"disable": True}
    waiting = {"topics": ["demos"], "demos": ["worker-cpu", "worker-gpu"]}[name]
    for other in waiting:
        condition = SERVICES[other]["depends_on"][name]["condition"]
        assert condition == "service_completed_successfully"


def test_what_runs_at_each_start_does_not_bring_back_demonstrations_that_were_removed():
    assert "--if-empty" in SERVICES["demos"]["command"]


@pytest.mark.parametrize("profile", ["cpu", "gpu"])
def test_a_worker_is_stopped_before_its_engines_so_that_it_can_finish(profile):
    needs = SERVICES[f"worker-{profile}"]["depends_on"]

    # Compose stops in the reverse order. It waits for engines by itself, so they need not be ready.
    assert needs[f"engines-{profile}"] == {"condition": "service_started"}
    assert [
        name for name in needs if not set(SERVICES[name].get("profiles", [])) <= {profile}
    ] == []


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - OURS.keys()))
def test_every_other_service_has_a_pinned_image_and_a_health_check(name):
    image = SERVICES[name]["image"]

    assert re.search(r":v?\d", image)
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


def test_every_volume_is_declared_used_and_owned_by_the_user_of_its_image():
    used = [v.split(":") for s in SERVICES.values() for v in s.get("volumes", [])]
    files = [place for place, *_ in used if place.startswith(".")]

    assert {name for name, *_ in used} - set(files) == COMPOSITION["volumes"].keys()
    assert [place for place in files if not (ROOT / place).exists()] == []
    for name, service in OURS.items():
        for volume in service.get("volumes", []):
            target = volume.split(":")[1]
            assert f"install -d -o tagwire {target}" in dockerfile(service), name


def test_services_that_are_depended_on_as_healthy_have_a_check():
    for name, service in SERVICES.items():
        for other, how in service.get("depends_on", {}).items():
            assert other in SERVICES, name
            if how["condition"] == "service_healthy":
                assert "test" in SERVICES[other]["healthcheck"]


def test_names_that_prometheus_looks_up_are_those_of_workers_and_engines():
    jobs = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text("utf-8"))
    asked = {
        name for j in jobs["scrape_configs"] for d in j["dns_sd_configs"] for name in d["names"]
    }
    given = {
        alias
        for service in OURS.values()
        for alias in service.get("networks", {}).get("default", {}).get("aliases", [])
    }

    assert asked == given == {"worker", "engines"}


def test_grafana_finds_its_dashboard_and_prometheus_where_they_are():
    folder = ROOT / "deploy/grafana/provisioning"
    provider = yaml.safe_load((folder / "dashboards/tagwire.yml").read_text("utf-8"))
    source = yaml.safe_load((folder / "datasources/prometheus.yml").read_text("utf-8"))
    mounted = dict(v.split(":")[:2] for v in SERVICES["grafana"]["volumes"])
    dashboards = provider["providers"][0]["options"]["path"]

    assert mounted["./deploy/grafana/tagwire.json"] == f"{dashboards}/tagwire.json"
    assert mounted["./deploy/grafana/provisioning"] == "/etc/grafana/provisioning"
    assert source["datasources"][0]["url"] == "http://prometheus:9090"


@pytest.mark.parametrize("name", OURS)
def test_every_image_of_ours_runs_as_a_numbered_user(name):
    assert re.findall(r"^USER (.*)$", dockerfile(OURS[name]), re.MULTILINE) == ["10001"]


@pytest.mark.parametrize("name", sorted(OURS.keys() - ONCE.keys()))
def test_health_checks_call_what_is_in_the_image(name):
    text = dockerfile(OURS[name])
    [program] = re.findall(r'^    CMD \["([^"]+)"', text, re.MULTILINE)

    # Of the base, which runs Python; or of the environment that is copied into the image.
    assert program == "python3" or f"COPY --from=build {program.split('/bin/')[0]} " in text


def test_ports_are_published_on_loopback_alone():
    for service in SERVICES.values():
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:")
