"""Models out of packages: checked, unpacked once, all or nothing."""

import asyncio
import hashlib
import json
import struct
import sys
from pathlib import Path

import pytest

from ner_core.ensemble import Adapter, Backbone, EmbedderModel, Weights
from ner_core.errors import ConfigurationError
from streams.serving.model_files import (
    Model,
    check_adapter,
    folder_hash,
    models_of,
    prepare,
    remove,
    site_packages,
)

PYTHON = Path(sys.executable)


def nobody(name, done, total):
    """Report to nobody."""


@pytest.fixture
def packages(tmp_path):
    folder = tmp_path / "packages"
    (folder / "encoder").mkdir(parents=True)
    (folder / "encoder" / "config.json").write_text("{}")
    return folder


def model(tmp_path, sha256, files=("encoder",), kind="folder"):
    source = Weights(packages=("p",), files=files, sha256=sha256, format=kind, licence="MIT")
    return Model("encoder", source, tmp_path / "cache" / "models" / "encoder-1")


async def test_a_folder_with_the_right_hash_stands_in_the_cache(tmp_path, packages):
    wanted = model(tmp_path, folder_hash(packages / "encoder"))
    await prepare(wanted, PYTHON, packages, nobody)

    assert wanted.ready
    assert (wanted.place / "config.json").read_text() == "{}"
    assert wanted.size_bytes == 2


async def test_a_wrong_hash_leaves_nothing_and_names_both(tmp_path, packages):
    wanted = model(tmp_path, "0" * 64)

    with pytest.raises(ConfigurationError, match=r"0000.*again"):
        await prepare(wanted, PYTHON, packages, nobody)
    assert [p.name for p in (tmp_path / "cache" / "models").iterdir()] == ["encoder-1.lock"]


async def test_a_missing_package_is_told_with_the_cure(tmp_path, packages):
    wanted = model(tmp_path, "0" * 64, files=("nowhere",))

    with pytest.raises(ConfigurationError, match="nowhere is missing; install p with `make setup`"):
        await prepare(wanted, PYTHON, packages, nobody)


async def test_parts_are_joined_before_they_are_checked(tmp_path, packages):
    (packages / "a").write_bytes(b"no ")
    (packages / "b").write_bytes(b"gguf")
    sha256 = hashlib.sha256(b"no gguf").hexdigest()
    wanted = model(tmp_path, sha256, files=("a", "b"), kind="gguf")

    # The hash is right; what fails is the unpacking, in a Python without the package gguf.
    with pytest.raises(ConfigurationError, match=r"cannot be unpacked .*gguf"):
        await prepare(wanted, PYTHON, packages, nobody)
    assert not wanted.ready


async def test_what_a_killed_attempt_left_behind_does_not_count(tmp_path, packages):
    wanted = model(tmp_path, folder_hash(packages / "encoder"))
    left = wanted.place.with_name(wanted.place.name + ".part")
    (left / "model").mkdir(parents=True)
    (left / "model" / "half").write_text("")
    await prepare(wanted, PYTHON, packages, nobody)

    assert [p.name for p in wanted.place.iterdir()] == ["config.json"]
    assert not left.exists()


async def test_two_at_once_unpack_it_once(tmp_path, packages):
    wanted = model(tmp_path, folder_hash(packages / "encoder"))
    done = []
    both = [prepare(wanted, PYTHON, packages, lambda *step: done.append(step)) for _ in range(2)]
    await asyncio.gather(*both)

    assert wanted.ready
    assert done == [("encoder", 1, 1)] * 2


PROJECTION = "base_model.model.model.layers.0.self_attn.q_proj"
PLAIN = {"peft_type": "LORA", "r": 16, "lora_alpha": 32, "bias": "none", "use_dora": False}
MATRICES = (f"{PROJECTION}.lora_A.weight", f"{PROJECTION}.lora_B.weight")


def adapter_of(folder, settings, tensors=MATRICES):
    """Write an adapter, of whose tensors there are only the names."""
    named = {"__metadata__": {"format": "pt"}, **{tensor: {} for tensor in tensors}}
    header = json.dumps(named).encode()
    content = json.dumps({**PLAIN, **settings}).encode(), struct.pack("<Q", len(header)) + header
    (folder / "adapter_config.json").write_bytes(content[0])
    (folder / "adapter_model.safetensors").write_bytes(content[1])
    sha256 = hashlib.sha256(b"".join(content)).hexdigest()
    return Adapter(folder=folder, sha256=sha256, licence="MIT")


@pytest.fixture
def adapter(tmp_path):
    return adapter_of(tmp_path, {})


def test_an_adapter_with_the_hash_of_the_ensemble_file_is_accepted(adapter):
    check_adapter("small", adapter)


@pytest.mark.parametrize("name", ["adapter_config.json", "adapter_model.safetensors"])
def test_an_adapter_of_which_a_file_changed_is_refused_with_both_hashes(adapter, name):
    (adapter.folder / name).write_bytes(b"changed")

    match = rf"small: .* have SHA-256 [0-9a-f]{{64}}, .* {adapter.sha256}"
    with pytest.raises(ConfigurationError, match=match):
        check_adapter("small", adapter)


@pytest.mark.parametrize("settings", [{"use_rslora": True}, {"init_lora_weights": "gaussian"}])
def test_an_adapter_of_one_scale_is_accepted_however_it_began(settings, tmp_path):
    check_adapter("small", adapter_of(tmp_path, settings))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"use_dora": True}, "use_dora = true"),
        ({"alpha_pattern": {"q_proj": 64}}, 'alpha_pattern = {"q_proj": 64}'),
        ({"rank_pattern": {"q_proj": 8}}, 'rank_pattern = {"q_proj": 8}'),
        ({"modules_to_save": ["lm_head"]}, 'modules_to_save = ["lm_head"]'),
        ({"bias": "lora_only"}, 'bias = "lora_only"'),
        ({"init_lora_weights": "pissa"}, 'init_lora_weights = "pissa"'),
        ({"peft_type": "LOHA"}, 'peft_type = "LOHA"'),
    ],
)
def test_an_adapter_that_does_more_than_matrices_can_is_refused_with_the_cure(
    settings, told, tmp_path
):
    with pytest.raises(ConfigurationError) as refused:
        check_adapter("small", adapter_of(tmp_path, settings))

    assert str(refused.value).startswith(
        f"small: adapter: {tmp_path / 'adapter_config.json'}: {told}"
    )
    assert "merge_and_unload" in str(refused.value)


@pytest.mark.parametrize(
    "tensor",
    [
        "base_model.model.lm_head.weight",
        f"{PROJECTION}.lora_magnitude_vector",
        f"{PROJECTION}.lora_B.bias",
        "base_model.model.model.embed_tokens.lora_embedding_A",
    ],
)
def test_an_adapter_with_a_tensor_that_would_be_left_out_is_refused(tensor, tmp_path):
    adapter = adapter_of(tmp_path, {}, (*MATRICES, tensor))

    with pytest.raises(ConfigurationError, match=f"the tensor {tensor} .*merge_and_unload"):
        check_adapter("small", adapter)


def test_an_adapter_whose_settings_are_no_json_is_told(adapter):
    adapter.settings.write_bytes(b"r: 16")
    sha256 = hashlib.sha256(b"r: 16" + adapter.tensors.read_bytes()).hexdigest()

    with pytest.raises(
        ConfigurationError, match=r"small: adapter: .*adapter_config.json: Expecting"
    ):
        check_adapter("small", adapter.model_copy(update={"sha256": sha256}))


def test_an_adapter_that_is_not_there_is_told(tmp_path):
    adapter = Adapter(folder=tmp_path / "nowhere", sha256="0" * 64, licence="MIT")

    with pytest.raises(ConfigurationError, match=r"small: adapter: .*nowhere"):
        check_adapter("small", adapter)


ADAPTER = {"sha256": "0" * 64, "licence": "MIT"}


def served(kind, **details):
    serve = {"port": 8000, "model": "/models/mine", "adapter": {**ADAPTER, "folder": "mine"}}
    return kind(name="mine", serve=serve, **details)


@pytest.mark.parametrize(
    ("model", "merge"),
    [
        (served(Backbone, style="chat", context_tokens=4096), True),
        (served(EmbedderModel), False),
    ],
)
def test_an_adapter_that_would_be_left_out_for_want_of_weights_is_refused(model, merge, tmp_path):
    with pytest.raises(ConfigurationError, match=r"mine: its adapter .*/models/mine, .*; .*PEFT"):
        models_of([model], tmp_path, merge=merge)


def test_an_adapter_beside_a_model_that_vllm_finds_is_left_to_vllm(tmp_path):
    model = served(Backbone, style="chat", context_tokens=4096)

    assert models_of([model], tmp_path, merge=False) == []


async def test_what_is_removed_is_gone(tmp_path, packages):
    wanted = model(tmp_path, folder_hash(packages / "encoder"))
    await prepare(wanted, PYTHON, packages, nobody)
    remove(wanted)

    assert not wanted.ready


async def test_a_python_that_is_not_there_is_told_with_the_cure(tmp_path):
    with pytest.raises(ConfigurationError, match="make setup"):
        await site_packages(tmp_path / "python")
