"""Dockerfiles and composition name only what is there."""

import re

import pytest
from support import ROOT

from streams.settings import Settings

FILES = [ROOT / "docker-compose.yml", *sorted((ROOT / "docker").glob("*.Dockerfile"))]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_variable_is_a_setting(path):
    named = re.findall(r"TAGWIRE_(\w+)[:=] ?", path.read_text("utf-8"))

    assert {name.lower() for name in named} <= set(Settings.model_fields)


@pytest.mark.parametrize("path", FILES[1:], ids=lambda path: path.name)
def test_what_is_copied_from_here_is_not_ignored(path):
    allowed = (ROOT / ".dockerignore").read_text("utf-8").split()
    for sources in re.findall(r"^COPY ([^-].*) \S+$", path.read_text("utf-8"), re.MULTILINE):
        for source in sources.split():
            assert (ROOT / source).exists()
            assert source == "." or f"!{source.split('/')[0]}" in allowed


def test_the_ensembles_of_both_profiles_ship():
    composition = FILES[0].read_text("utf-8")
    ensembles = re.findall(r"TAGWIRE_ENSEMBLE: (\S+)", composition)

    assert sorted(ensembles) == ["models/embedded.toml", "models/paper.toml"]
    assert all((ROOT / path).is_file() for path in ensembles)
    assert re.findall(r"dockerfile: (\S+?)[ }]", composition)
    assert all((ROOT / f).is_file() for f in re.findall(r"dockerfile: (\S+?)[ }]", composition))


def test_a_change_of_tagwire_leaves_the_layer_of_vllm_as_it_is():
    final = FILES[1].read_text("utf-8").split("\nFROM base\n")[1]

    assert FILES[1].name == "cpu-engines.Dockerfile"
    assert re.findall(r"^COPY --from=build (\S+)", final, re.MULTILINE) == [
        "/opt/vllm",
        "/opt/tagwire",
    ]
