"""The names of a served model tell one state of it from another, and the same on every machine."""

import pytest
from support import ROOT

from ner_core.ensemble import Backbone, EmbedderModel, load_ensemble
from streams.serving.vllm_command import name_flags

WEIGHTS = {
    "packages": ["p"],
    "files": ["f"],
    "sha256": "b" * 64,
    "format": "gguf",
    "licence": "MIT",
}


def backbone(name="qwen", **serve):
    serve = {"port": 1, **serve}
    return Backbone.model_validate(
        {"name": name, "style": "chat", "context_tokens": 4096, "serve": serve}
    )


def names(*models, on_cpu=False):
    return name_flags(models, on_cpu=on_cpu, dtype="float32")


def of_model(*flags, model="Qwen/Qwen2.5-7B"):
    return names(backbone(model=model, flags=list(flags)))


@pytest.mark.parametrize(
    "flags",
    [
        ("--chat-template", "/templates/own.jinja"),
        ("--revision", "3f2a"),
        ("--tokenizer=other",),
        ("--seed", "-1"),
        ("--trust-remote-code",),
        ("--quantization", "fp8", "--dtype", "float16"),
    ],
)
def test_a_flag_that_can_change_an_answer_changes_the_second_name(flags):
    assert of_model(*flags) != of_model()


def test_another_value_of_a_flag_changes_the_second_name():
    assert of_model("--revision", "3f2a") != of_model("--revision", "77c1")


def test_another_folder_of_the_same_name_changes_the_second_name():
    one, other = (of_model(model=f"/models/run-{n}/merged") for n in (17, 18))

    assert one != other
    assert one[1] == other[1] == "qwen"


@pytest.mark.parametrize(
    "flags",
    [
        ("--max-num-seqs", "8"),
        ("--max_num_seqs=8",),
        ("--gpu-memory-utilization", "0.5", "--max-model-len", "-1"),
    ],
)
def test_a_flag_that_changes_only_the_cost_changes_no_name(flags):
    assert of_model(*flags) == of_model()


def test_a_context_length_counts_for_an_encoder_which_cuts_texts_off():
    def encoder(*flags):
        serve = {"port": 1, "weights": WEIGHTS, "flags": list(flags)}
        return names(EmbedderModel.model_validate({"name": "minilm", "serve": serve}))

    assert encoder("--max-model-len", "128") != encoder("--max-model-len", "256") != encoder()


def test_flags_of_an_engine_count_for_each_adapter_on_it():
    def adapter(name):
        serve = {"folder": f"/adapters/{name}", "sha256": "a" * 64, "licence": "MIT"}
        flags = ["--chat-template", "/templates/own.jinja"]
        return backbone(name, weights=WEIGHTS, adapter=serve, flags=flags)

    modules = names(adapter("one"), adapter("two"))[-4:]

    second = [module.partition("=")[0] for module in modules[1::2]]
    assert [name.count("/") for name in second] == [3, 3]


@pytest.mark.parametrize("file", ["adapted", "embedded", "single"])
@pytest.mark.parametrize("on_cpu", [True, False])
def test_the_small_shipped_models_are_known_by_the_hashes_of_their_weights_alone(file, on_cpu):
    for model in load_ensemble(ROOT / "models" / f"{file}.toml").models:
        adapter = model.serve.adapter.sha256[:12] if model.serve.adapter else None
        precision = "float32" if on_cpu else "auto"
        told = "/".join(filter(None, [model.name, precision, adapter]))

        assert any(flag.partition("=")[0] == told for flag in names(model, on_cpu=on_cpu))
