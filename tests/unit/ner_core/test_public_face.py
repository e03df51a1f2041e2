"""The public interface of the library: complete, sorted, typed, and cheap to import."""

import inspect
import subprocess
import sys
import tomllib
from importlib.resources import files

import pytest
from support import ROOT

import ner_core
from ner_core import errors
from ner_core.version import __version__


def test_all_public_names_are_sorted_and_can_be_imported():
    assert list(ner_core.__all__) == sorted(ner_core.__all__)
    assert all(getattr(ner_core, name) is not None for name in ner_core.__all__)
    assert set(ner_core.__all__) <= set(dir(ner_core))


def test_every_error_is_public():
    classes = {name for name, _ in inspect.getmembers(errors, inspect.isclass)}
    public = {name for name in classes if issubclass(getattr(errors, name), errors.TagwireError)}

    assert "TagwireError" in public
    assert public <= set(ner_core.__all__)


def test_a_name_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="Pipelin"):
        _ = ner_core.Pipelin


def test_importing_the_library_imports_nothing_slow():
    code = (
        "import sys, ner_core; slow = {'numpy', 'pydantic', 'jinja2', 'aiohttp', 'sentencex'}; "
        "print(sorted(slow & set(sys.modules)), ner_core.Pipeline.__name__)"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout

    assert printed.split() == [b"[]", b"Pipeline"]


@pytest.mark.parametrize("package", ["ner_core", "streams"])
def test_both_packages_say_that_they_are_typed(package):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

    assert (files(package) / "py.typed").is_file()
    assert "py.typed" in project["tool"]["setuptools"]["package-data"][package]


def test_the_version_is_written_in_one_place():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

    assert "version" not in project["project"]
    assert project["project"]["dynamic"] == ["version"]
    attribute = project["tool"]["setuptools"]["dynamic"]["version"]["attr"]
    assert attribute == "ner_core.version.__version__"
    assert ner_core.__version__ == __version__
