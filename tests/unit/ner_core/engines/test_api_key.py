"""Where the key of an engine comes from, and where it never goes."""

import pytest
from support.pipelines import ensemble

from ner_core.engines.api_key import api_key_of
from ner_core.ensemble import Backbone, Ensemble, load_ensemble
from ner_core.errors import ConfigurationError

FILE = """
name = "t"
verifier = "a"
[[backbone]]
name = "a"
style = "chat"
context_tokens = 4096
url = "https://engines.example/v1"
{key}
[embedder]
name = "e"
url = "https://engines.example/v1"
"""


def backbone(**fields):
    return Backbone(name="a", style="chat", context_tokens=4096, url="http://x/v1", **fields)


@pytest.fixture
def ensemble_file(tmp_path):
    def write(key):
        path = tmp_path / "e.toml"
        path.write_text(FILE.format(key=key))
        return path

    return write


def test_without_a_key_servers_see_a_word_that_is_none():
    assert api_key_of(backbone()) == "none"


def test_the_key_is_read_from_the_variable_when_it_is_needed(monkeypatch):
    keyed = backbone(api_key_env="ENGINE_KEY")
    monkeypatch.setenv("ENGINE_KEY", " sk-hush\n")

    assert api_key_of(keyed) == "sk-hush"


def test_a_byte_order_mark_before_the_key_is_no_part_of_it(tmp_path):
    (tmp_path / "key").write_text("sk-hush\n", "utf-8-sig")

    assert api_key_of(backbone(api_key_file=tmp_path / "key")) == "sk-hush"


@pytest.mark.parametrize("folder", ["relative", "absolute"])
def test_the_key_is_read_from_a_file_beside_the_ensemble_file(ensemble_file, tmp_path, folder):
    (tmp_path / "key").write_text("sk-hush\n")
    named = "key" if folder == "relative" else tmp_path / "key"
    [keyed] = load_ensemble(ensemble_file(f'api_key_file = "{named}"')).backbone

    assert api_key_of(keyed) == "sk-hush"


@pytest.mark.parametrize("key", [None, "", " \n", "sk hush", "sk\nhush", "sk-h\u00fcsh", "sk\x00"])
def test_a_variable_without_a_usable_key_is_named_but_not_shown(monkeypatch, key):
    monkeypatch.delenv("ENGINE_KEY", raising=False)
    if key is not None and "\x00" not in key:
        monkeypatch.setenv("ENGINE_KEY", key)

    with pytest.raises(ConfigurationError, match="a: the variable ENGINE_KEY") as refused:
        api_key_of(backbone(api_key_env="ENGINE_KEY"))
    assert "sk" not in str(refused.value)


def test_a_file_that_cannot_be_read_or_holds_no_key_is_named(tmp_path):
    missing, binary = tmp_path / "missing", tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    for path in (missing, binary):
        with pytest.raises(ConfigurationError, match=f"a: the file {path}"):
            api_key_of(backbone(api_key_file=path))


def test_a_key_has_one_source(ensemble_file):
    path = ensemble_file('api_key_env = "KEY"\napi_key_file = "key"')

    with pytest.raises(ConfigurationError, match="api_key_env or api_key_file, not both"):
        load_ensemble(path)


def test_a_key_in_the_ensemble_file_itself_is_refused_and_not_shown(ensemble_file):
    with pytest.raises(ConfigurationError, match="api_key") as refused:
        load_ensemble(ensemble_file('api_key = "sk-hush"'))

    assert "hush" not in str(refused.value)


def test_where_a_key_comes_from_is_in_no_dump():
    plain = ensemble("a")
    fields = {"api_key_env": "KEY"}
    keyed = Ensemble.model_validate(
        plain.model_dump()
        | {"backbone": [plain.backbone[0].model_dump() | fields]}
        | {"embedder": plain.embedder.model_dump() | fields}
    )

    assert keyed.embedder.api_key_env == keyed.backbone[0].api_key_env == "KEY"
    assert keyed.model_dump_json() == plain.model_dump_json()
