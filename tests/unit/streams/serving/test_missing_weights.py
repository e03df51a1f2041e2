"""A folder of a model that lacks a file says which."""

import json

import pytest

from ner_core.errors import ConfigurationError
from streams.serving.config_files import read_config


def test_a_file_of_weights_that_the_index_has_and_the_folder_lacks_is_named(tmp_path):
    (tmp_path / "config.json").write_text("{}", "utf-8")
    index = {"weight_map": {"a": "model-2.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index), "utf-8")

    with pytest.raises(ConfigurationError) as error:
        read_config(tmp_path, generates=True)

    missing = tmp_path / "model-2.safetensors"
    assert str(error.value).endswith(f"cannot be read: No such file or directory: {missing}")
