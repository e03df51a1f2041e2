"""What a training needs is checked first. The packages of its environment are stood in for."""

import importlib
import re
import sys
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from ner_core.errors import ConfigurationError
from training.judge import Judge
from training.sources import labeled_files

ABSENT = (
    *("torch", "torch.nn", "torch.nn.utils", "torch.nn.utils.rnn", "torch.utils"),
    *("torch.utils.data", "peft", "transformers", "safetensors", "safetensors.torch"),
)
JUDGED = ("crossner_science.dev", "crossner_science.train", "gum_open.dev", "wnut17.dev")
COMMANDS = {"train": (), "names_in_context": (), "verifier": ("--judged", "judged.jsonl")}


@pytest.fixture
def command(monkeypatch):
    """Give the function that runs a module of the training with arguments; no model loads."""
    before = set(sys.modules)
    for name in ABSENT:
        monkeypatch.setitem(sys.modules, name, MagicMock())

    def run(name, *arguments):
        monkeypatch.setattr(sys, "argv", [name, *map(str, arguments)])
        importlib.import_module(f"training.{name}").main()

    yield run
    for name in set(sys.modules) - before:
        if name.startswith("training."):
            del sys.modules[name]


@pytest.fixture
def data(tmp_path):
    """Give a folder with every labeled file, all of them empty."""
    folder = tmp_path / "data"
    folder.mkdir()
    for path in (*labeled_files(folder), *(folder / f"{name}.jsonl.gz" for name in JUDGED)):
        path.write_bytes(b"")
    return folder


def told(command, name, tmp_path, *arguments):
    """Give the one line with which a command ends."""
    folders = ("--data", tmp_path / "data", "--models", tmp_path / "models")
    with pytest.raises(SystemExit) as ended:
        command(name, *folders, "--run", tmp_path / "run", *arguments)
    line = ended.value.code
    assert isinstance(line, str)
    assert "\n" not in line
    return line


@pytest.mark.parametrize("name", COMMANDS)
def test_all_files_that_are_missing_are_named_before_a_model_is_loaded(
    name, command, data, tmp_path
):
    (data / "wnut17.train.jsonl.gz").unlink()
    (data / "crossner_politics.dev.jsonl.gz").unlink()
    line = told(command, name, tmp_path, *COMMANDS[name])

    assert f"{data}/crossner_politics.dev.jsonl.gz, {data}/wnut17.train.jsonl.gz (docs/" in line
    assert "tagwire models prepare --ensemble models/embedded.toml" in line
    assert not sys.modules["transformers"].method_calls
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(("judge", "needed"), [(("--tagwire", "tagwire"), True), ((), False)])
def test_files_of_a_measurement_are_needed_from_the_start_if_there_is_one(
    judge, needed, command, data, tmp_path
):
    (data / "crossner_science.train.jsonl.gz").unlink()

    assert ("crossner_science.train" in told(command, "train", tmp_path, *judge)) == needed


def test_an_adapter_to_start_from_is_named_if_it_is_not_there(command, tmp_path):
    line = told(command, "train", tmp_path, "--start", tmp_path / "nowhere")

    assert "nowhere/adapter_model.safetensors" in line


def test_a_command_that_measures_is_named_if_it_is_not_there(command, tmp_path):
    line = told(command, "train", tmp_path, "--tagwire", tmp_path / "nothing")

    assert line.endswith("/nothing")
    assert "/sh" not in told(command, "train", tmp_path, "--tagwire", "sh")


def test_the_file_of_mistakes_is_named_if_it_is_not_there(command, tmp_path):
    assert "judged.jsonl" in told(command, "verifier", tmp_path, *COMMANDS["verifier"])


@pytest.mark.usefixtures("data")
def test_a_training_refuses_the_folder_of_another(command, tmp_path):
    (tmp_path / "models" / "smollm2-b179c9523d0e").mkdir(parents=True)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "plan.json").write_text('{"base": "smollm2", "start": "/mine", "seed": 0}')

    assert "start: /mine, not a fresh adapter" in told(command, "train", tmp_path)


def test_a_measurement_that_fails_is_told_with_what_is_saved(tmp_path):
    (tmp_path / "template.toml").write_text("")
    (tmp_path / "adapter").mkdir()
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        (tmp_path / "adapter" / name).write_bytes(b"")
    judge = Judge(Path("/bin/false"), tmp_path / "template.toml", tmp_path)

    match = rf"wnut17\.dev.*status 1.*{re.escape(str(tmp_path))}"
    with pytest.raises(ConfigurationError, match=match):
        judge.f1(tmp_path)
