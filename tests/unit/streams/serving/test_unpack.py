"""What an adapter adds to weights. The packages of vLLM's environment are stood in for by numpy."""

import importlib.util
import json
import sys
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np
import pytest

from streams.serving import model_files

PROJECTION = "base_model.model.model.layers.0.self_attn.q_proj"


class Matrix(np.ndarray):
    """An array with the one method of torch's that is needed."""

    def float(self):
        return self


@pytest.fixture
def unpack(monkeypatch):
    """Give the module, whose adapters all have A and B of ones, of rank 16."""
    ones = {"lora_A": np.ones((16, 4)), "lora_B": np.ones((4, 16))}
    tensors = {f"{PROJECTION}.{k}.weight": ones[k].view(Matrix) for k in ones}
    for name in ("gguf", "torch", "transformers", "safetensors", "safetensors.torch"):
        monkeypatch.setitem(sys.modules, name, MagicMock(load_file=lambda _: tensors))
    path = Path(model_files.__file__).with_name("unpack.py")
    spec = importlib.util.spec_from_file_location("unpack", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("stabilized", "added"), [(False, 32.0), (True, 128.0)])
def test_an_adapter_is_scaled_by_its_rank_or_by_the_root_of_it(stabilized, added, unpack, tmp_path):
    settings = {"r": 16, "lora_alpha": 32, "use_rslora": stabilized}
    (tmp_path / "adapter_config.json").write_text(json.dumps(settings))

    changes = unpack.changes_of(tmp_path)

    assert list(changes) == ["model.layers.0.self_attn.q_proj.weight"]
    assert np.array_equal(changes["model.layers.0.self_attn.q_proj.weight"], np.full((4, 4), added))
