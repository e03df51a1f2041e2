"""Folders: made when missing, refused in one line when they cannot be."""

import pytest

from ner_core.errors import ConfigurationError
from streams.host.folders import writable


def test_a_missing_folder_is_made(tmp_path):
    assert writable(tmp_path / "a" / "b", "TAGWIRE_CACHE_FOLDER").is_dir()


def test_one_that_cannot_be_made_is_named_with_its_setting(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(ConfigurationError) as error:
        writable(tmp_path / "file" / "cache", "TAGWIRE_CACHE_FOLDER")
    assert str(error.value) == (
        f"{tmp_path}/file/cache cannot be used (Not a directory); "
        "set TAGWIRE_CACHE_FOLDER to a folder you can write to"
    )


def test_one_that_cannot_be_written_to_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda *_: False)  # root may write anywhere

    with pytest.raises(ConfigurationError, match="no permission to write"):
        writable(tmp_path, "TAGWIRE_CACHE_FOLDER")
