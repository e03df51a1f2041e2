"""A place is held by a living process, or by nobody."""

import fcntl
import os
import resource
import time

import pytest

from ner_core.errors import ConfigurationError
from streams.host.pidfile import held, holder

REFUSAL = "held by {pid}"


def test_a_place_is_held_by_this_process_until_it_lets_go(tmp_path):
    path = tmp_path / "cache" / "up.pid"
    assert holder(path) is None

    with held(path, REFUSAL):
        assert holder(path) == os.getpid()

    assert holder(path) is None


def test_what_a_dead_process_left_holds_nothing(tmp_path):
    path = tmp_path / "up.pid"
    path.write_text("1", "utf-8")

    assert holder(path) is None
    with held(path, REFUSAL):
        assert holder(path) == os.getpid()


def test_a_place_in_a_folder_that_is_a_file_is_named_with_its_setting(tmp_path):
    (tmp_path / "cache").touch()
    path = tmp_path / "cache" / "up.pid"

    with pytest.raises(ConfigurationError, match=r"cache/up.pid cannot be used.*_CACHE_FOLDER"):
        holder(path)
    with (
        pytest.raises(ConfigurationError, match=r"cache cannot be used.*_CACHE_FOLDER"),
        held(path, REFUSAL),
    ):
        pass


def test_a_place_that_cannot_be_opened_is_named_with_its_setting(tmp_path):
    path = tmp_path / "up.pid"
    path.mkdir()

    with pytest.raises(ConfigurationError, match=r"up.pid cannot be used.*_CACHE_FOLDER"):
        holder(path)
    with (
        pytest.raises(ConfigurationError, match=r"up.pid cannot be used.*_CACHE_FOLDER"),
        held(path, REFUSAL),
    ):
        pass


def test_a_place_is_held_once(tmp_path):
    path = tmp_path / "up.pid"

    with (
        held(path, REFUSAL),
        pytest.raises(ConfigurationError, match=f"^held by {os.getpid()}$"),
        held(path, REFUSAL),
    ):
        pass


@pytest.fixture
def looked_at(tmp_path):
    """A place at which somebody looks, until the file is closed; a dead process once held it."""
    path = tmp_path / "up.pid"
    path.write_text("1", "utf-8")
    with path.open("rb") as looker:
        fcntl.flock(looker, fcntl.LOCK_SH)
        yield path, looker


def test_a_place_at_which_somebody_looks_is_held_a_moment_later(looked_at, monkeypatch):
    path, looker = looked_at
    monkeypatch.setattr(time, "sleep", lambda _seconds: looker.close())

    with held(path, REFUSAL):
        assert holder(path) == os.getpid()


def test_a_place_that_stays_locked_by_nobody_known_is_refused_after_a_second(
    looked_at, monkeypatch
):
    path, _ = looked_at
    pauses = []
    monkeypatch.setattr(time, "sleep", pauses.append)

    with pytest.raises(ConfigurationError, match=r"^held by \(unknown\)$"), held(path, REFUSAL):
        pass
    assert sum(pauses) == pytest.approx(1)


@pytest.fixture
def full_disk():
    """A disk that takes no more: here, a limit of no bytes a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("full_disk")
def test_a_place_on_a_full_disk_is_named_with_its_setting(tmp_path):
    with (
        pytest.raises(ConfigurationError, match=r"up.pid cannot be used.*_CACHE_FOLDER"),
        held(tmp_path / "up.pid", REFUSAL),
    ):
        pass
