"""Settings: arguments over variables, those over the file; what nobody knows is an error."""

import pytest

from ner_core.errors import ConfigurationError
from streams.settings import load_settings


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in ("KAFKA_BOOTSTRAP", "REDIS_URL", "TAGWIRE_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_arguments_win_over_variables_over_the_file_over_the_usual(monkeypatch, nothing_set):
    (nothing_set / "tagwire.toml").write_text(
        'bootstrap = "file:1"\ngroup = "file"\npartitions = 2\n', "utf-8"
    )
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "usual:1")
    monkeypatch.setenv("REDIS_URL", "redis://usual/0")
    monkeypatch.setenv("TAGWIRE_GROUP", "variable")
    monkeypatch.setenv("TAGWIRE_PARTITIONS", "3")

    settings = load_settings(partitions=5)

    assert settings.redis_url == "redis://usual/0"
    assert settings.bootstrap == "file:1"
    assert (settings.group, settings.partitions) == ("variable", 5)


def test_an_unknown_key_is_an_error_that_lists_the_known(nothing_set):
    (nothing_set / "tagwire.toml").write_text('bootstrp = "x:1"\n', "utf-8")

    with pytest.raises(ConfigurationError, match=r"bootstrp.*known keys:.*bootstrap"):
        load_settings()


def test_an_unknown_variable_is_an_error_that_lists_the_known(monkeypatch):
    monkeypatch.setenv("TAGWIRE_BOOTSTRP", "x:1")

    with pytest.raises(ConfigurationError, match=r"TAGWIRE_BOOTSTRP.*TAGWIRE_BOOTSTRAP"):
        load_settings()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"partitions": 0}, "partitions"),
        ({"retry_first_s": 5, "retry_cap_s": 1}, "retry_first_s = 5.0 is over retry_cap_s = 1.0"),
        ({"dead_topic": "entities"}, "two topics have one name"),
    ],
)
def test_a_wrong_value_is_named(wrong, said):
    with pytest.raises(ConfigurationError, match=said):
        load_settings(**wrong)


def test_a_file_that_was_named_must_be_there(monkeypatch):
    monkeypatch.setenv("TAGWIRE_CONFIG", "nowhere.toml")

    with pytest.raises(ConfigurationError, match=r"nowhere\.toml"):
        load_settings()


def test_a_password_is_never_printed_and_may_come_from_a_file(nothing_set):
    secret = nothing_set / "password"
    secret.write_text("hush\n", "utf-8")
    settings = load_settings(sasl_password="loud", sasl_password_file=secret, security="sasl_ssl")

    assert settings.password == "hush"
    assert settings.kafka()["sasl_plain_password"] == "hush"
    assert "loud" not in repr(settings)
