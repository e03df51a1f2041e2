"""The encoder's adapter becomes part of its weights, and nothing else changes."""

import json

import pytest
from support import ROOT

from ner_core.ensemble import load_ensemble
from streams.host.processes import printed_by
from streams.serving.model_files import models_of, prepare, site_packages

pytestmark = pytest.mark.acceptance

PYTHON = ROOT / ".venv-vllm" / "bin" / "python"
LAYER = "encoder.layer.0.attention.self.query"
CODE = """
import json
from safetensors.torch import load_file
before, after, adapter = (load_file(path) for path in {paths})
first, second = (adapter[f"base_model.model.{layer}.lora_{{x}}.weight"].float() for x in "AB")
wanted = before["{layer}.weight"] + {scale} * (second @ first)
print(json.dumps([
    float((after["{layer}.weight"] - wanted).abs().max()),
    float((after["{layer}.weight"] - before["{layer}.weight"]).abs().max()),
    sorted({{name.rsplit(".", 1)[1] for name in after if not after[name].equal(before[name])}}),
]))
"""


async def test_the_adapter_of_an_encoder_is_added_to_its_weights(tmp_path):
    embedder = load_ensemble(ROOT / "models" / "adapted.toml").embedder
    packages = await site_packages(PYTHON)
    (model,) = models_of([embedder], tmp_path, merge=False)
    await prepare(model, PYTHON, packages, lambda *_: None)

    source = packages / model.weights.files[0] / "model.safetensors"
    paths = [source, model.place / "model.safetensors", model.adapter.tensors]
    settings = json.loads(model.adapter.settings.read_text())
    scale = settings["lora_alpha"] / settings["r"]
    code = CODE.format(paths=[str(path) for path in paths], layer=LAYER, scale=scale)
    error, change, changed = json.loads(await printed_by(PYTHON, code, timeout_s=300))

    assert error < 1e-6
    assert change > 1e-3
    assert changed == ["weight"]
