"""What engines take of a GPU, from ensemble files and from unpacked models."""

import json
import struct
from pathlib import Path

import pytest
from support import ROOT

from ner_core.ensemble import Backbone, EmbedderModel, load_ensemble
from ner_core.errors import ConfigurationError
from streams.serving.config_files import read_config
from streams.serving.flags import precision_of, value_of
from streams.serving.memory import memory_of
from streams.serving.vllm_command import by_port

NOWHERE = Path("/nowhere")
CONFIG = {
    "architectures": ["Qwen3ForCausalLM"],
    "vocab_size": 100,
    "hidden_size": 8,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "tie_word_embeddings": False,
}
STATED = {
    "parameters": 2000,
    "vocab_size": 100,
    "hidden_size": 8,
    "num_hidden_layers": 3,
    "num_key_value_heads": 2,
    "head_dim": 4,
}


def unpacked(folder, *shapes, **changes):
    """A model's folder with weights of these shapes; their values are not read."""
    (folder / "config.json").write_text(json.dumps({**CONFIG, **changes}), "utf-8")
    for number, shape in enumerate(shapes):
        tensors = {"__metadata__": {"format": "pt"}, "t": {"dtype": "BF16", "shape": shape}}
        header = json.dumps(tensors).encode()
        path = folder / f"model-{number}.safetensors"
        path.write_bytes(struct.pack("<Q", len(header)) + header)
    return folder


def backbone(*flags, config=STATED, model="m", **serve):
    return Backbone.model_validate(
        {
            "name": "small",
            "style": "chat",
            "context_tokens": 4096,
            "serve": {"port": 1, "model": model, "flags": flags, "config": config, **serve},
        }
    )


def test_an_unpacked_model_says_its_size_itself(tmp_path):
    config = read_config(unpacked(tmp_path, [100, 8], [10, 20]), generates=True)

    assert config.parameters == 1000
    assert config.embedding_parameters == 2 * 100 * 8
    assert config.kv_values_per_token == 2 * 3 * 2 * (8 // 4)


@pytest.mark.parametrize(
    ("changes", "kv_values"),
    [
        ({"head_dim": 5}, 2 * 3 * 2 * 5),
        ({"num_key_value_heads": None}, 2 * 3 * 4 * 2),
        ({"architectures": ["GPT2LMHeadModel"]}, 2 * 3 * 2 * 2),
        ({"architectures": None}, 2 * 3 * 2 * 2),
    ],
)
def test_keys_and_values_of_a_backbone_follow_the_config(tmp_path, changes, kv_values):
    folder = unpacked(tmp_path, [10], **changes)

    assert read_config(folder, generates=True).kv_values_per_token == kv_values


@pytest.mark.parametrize(
    ("architecture", "left_out", "kv_values"),
    [
        ("BertModel", "num_key_value_heads", 0),
        ("Qwen3ForCausalLM", "", 2 * 3 * 2 * 2),
        ("MistralModel", "", 2 * 3 * 2 * 2),
    ],
)
def test_an_embedder_has_keys_and_values_only_if_it_is_a_decoder(
    tmp_path, architecture, left_out, kv_values
):
    folder = unpacked(tmp_path, [10], architectures=[architecture])
    stated = json.loads((folder / "config.json").read_text("utf-8"))
    stated.pop(left_out, None)
    (folder / "config.json").write_text(json.dumps(stated), "utf-8")

    assert read_config(folder, generates=False).kv_values_per_token == kv_values


def test_weights_that_are_there_twice_are_counted_once(tmp_path):
    unpacked(tmp_path, [100, 8], [10, 20], [1000])
    index = {"weight_map": {"a": "model-0.safetensors", "b": "model-1.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index), "utf-8")

    assert read_config(tmp_path, generates=True).parameters == 1000


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"quantization_config": {}}, "are quantized"),
        ({"num_hidden_layers": None}, "num_hidden_layers"),
        ({"hidden_size": "8"}, "size of the model|hidden_size"),
    ],
)
def test_a_config_that_does_not_say_it_is_an_error_with_its_place(tmp_path, changes, why):
    with pytest.raises(ConfigurationError, match=why) as error:
        read_config(unpacked(tmp_path, [10], **changes), generates=True)

    assert str(tmp_path) in str(error.value)


def test_weights_that_are_cut_off_are_an_error(tmp_path):
    (unpacked(tmp_path) / "model.safetensors").write_bytes(b"\x10")

    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_config(tmp_path, generates=True)


def test_a_folder_is_read_if_the_ensemble_file_states_no_size(tmp_path):
    model = backbone(config=None, model=str(unpacked(tmp_path, [100, 8], [100, 8], [10, 20])))

    assert memory_of([model], NOWHERE).weights_bytes == 2 * (800 + 800 + 200)


@pytest.mark.parametrize(
    ("flags", "weights_bytes"),
    [
        ((), 2 * 2000),
        (("--dtype", "float32"), 4 * 2000),
        (("--dtype=float32",), 4 * 2000),
        (("--quantization", "fp8_per_tensor"), 400 + 2 * 1600),
    ],
)
def test_weights_take_the_bytes_of_their_precision(flags, weights_bytes):
    assert memory_of([backbone(*flags)], NOWHERE).weights_bytes == weights_bytes


@pytest.mark.parametrize(
    ("flags", "value_bytes"),
    [
        ((), 2),
        (("--dtype", "float32"), 4),
        (("--kv-cache-dtype", "fp8"), 1),
        (("--dtype", "float32", "--kv-cache-dtype", "bfloat16"), 2),
    ],
)
def test_a_kv_cache_has_the_type_of_the_model_unless_another_is_named(flags, value_bytes):
    assert memory_of([backbone(*flags)], NOWHERE).kv_bytes_per_token == value_bytes * 48


@pytest.mark.parametrize(
    ("flags", "context_tokens", "states_context"),
    [
        ((), 4096, False),
        (("--max-model-len", "32768"), 32768, True),
        (("--max_model_len=8k",), 8000, True),
        (("--max-model-len", "8K"), 8192, True),
        (("--max-model-len", "auto"), 4096, True),
    ],
)
def test_the_context_is_that_of_the_engine(flags, context_tokens, states_context):
    memory = memory_of([backbone(*flags)], NOWHERE)

    assert (memory.context_tokens, memory.states_context) == (context_tokens, states_context)


def test_an_embedder_that_is_a_decoder_has_room_for_a_window_of_text():
    serve = {"port": 1, "model": "m", "config": STATED}
    embedder = EmbedderModel.model_validate({"name": "qwen3-embedding", "serve": serve})

    assert memory_of([embedder], NOWHERE).context_tokens == 2048


def test_an_engine_that_names_its_share_needs_no_size():
    model = backbone("--gpu-memory-utilization", "0.3", config=None)

    assert memory_of([model], NOWHERE).stated_share == 0.3


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (backbone(config=None), r"small: the size .* state \[serve.config\]"),
        (backbone("--quantization", "awq"), "small: no size is known of awq weights"),
        (backbone("--kv-cache-memory-bytes", "5"), "small: .* name --gpu-memory-utilization too"),
        (backbone("--gpu-memory-utilization", "x"), "small: .*utilization x is not a share"),
        (backbone("--gpu_memory_utilization=30"), "small: .*utilization 30 is not a share"),
        (backbone("-tp", "2"), "small: --tensor-parallel-size 2 spreads it over several GPUs"),
        (backbone("--pipeline_parallel_size=2"), "small: --pipeline-parallel-size 2 spreads"),
    ],
)
def test_what_cannot_be_calculated_is_an_error_with_the_cure(model, why):
    with pytest.raises(ConfigurationError, match=why):
        memory_of([model], NOWHERE)


def test_an_adapter_is_counted_under_both_of_its_names():
    models = load_ensemble(ROOT / "models" / "adapted.toml").models
    group = by_port(models)[1]
    adapter = group[0].serve.adapter.tensors.stat().st_size

    assert memory_of(group, NOWHERE).weights_bytes == 2 * 134_515_008 + 2 * adapter


@pytest.mark.parametrize(
    ("flags", "value"),
    [
        ((), "?"),
        (("--a", "1"), "1"),
        (("--a=1",), "1"),
        (("--a=1", "--a", "2"), "2"),
        (("--ab", "1"), "?"),
    ],
)
def test_the_last_value_of_a_flag_counts(flags, value):
    assert value_of(flags, "--a", "?") == value


@pytest.mark.parametrize("flags", [("-q", "fp8"), ("-q=fp8",), ("--quantization", "fp8")])
def test_a_flag_is_read_in_every_form_that_vllm_takes(flags):
    assert precision_of(flags, "auto") == "fp8"
