"""Settings: arguments over variables, those over the file; what nobody knows is an error."""

import errno
from pathlib import Path

import pytest

from ner_core.errors import ConfigurationError
from streams.settings import Settings, load_settings

PATHS = [name for name, field in Settings.model_fields.items() if "Path" in str(field.annotation)]
KUBERNETES = {
    "TAGWIRE_SERVICE_HOST": "10.0.0.7",
    "TAGWIRE_SERVICE_PORT": "80",
    "TAGWIRE_SERVICE_PORT_HTTP": "80",
    "TAGWIRE_PORT": "tcp://10.0.0.7:80",
    "TAGWIRE_PORT_80_TCP": "tcp://10.0.0.7:80",
    "TAGWIRE_PORT_80_TCP_PROTO": "tcp",
    "TAGWIRE_PORT_80_TCP_PORT": "80",
    "TAGWIRE_PORT_80_TCP_ADDR": "10.0.0.7",
    "TAGWIRE_WORKER_SERVICE_HOST": "10.0.0.8",
    "TAGWIRE_WORKER_PORT": "tcp://10.0.0.8:6066",
    "TAGWIRE_WEB_PORT": "tcp://10.0.0.9:6066",
    "TAGWIRE_ENGINES_PORT_53_UDP_ADDR": "10.0.0.10",
}
"""What a pod finds in its environment beside Services `tagwire`, `tagwire-worker` and others."""


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


@pytest.mark.parametrize("name", ["BOOTSTRP", "WBE_PORT", "SERVICE", "PORTS", "bootstrap"])
def test_an_unknown_variable_is_an_error_that_lists_the_known(monkeypatch, name):
    monkeypatch.setenv(f"TAGWIRE_{name}", "8080")

    with pytest.raises(ConfigurationError, match=rf"TAGWIRE_{name}.*TAGWIRE_BOOTSTRAP"):
        load_settings()


@pytest.mark.parametrize(("name", "value"), KUBERNETES.items(), ids=list(KUBERNETES))
def test_variables_that_kubernetes_makes_for_a_service_are_no_settings(monkeypatch, name, value):
    without = load_settings()
    monkeypatch.setenv(name, value)

    assert load_settings() == without


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"partitions": 0}, "partitions = 0: Input should be greater than 0"),
        ({"retry_first_s": 5, "retry_cap_s": 1}, "retry_first_s = 5.0 is over retry_cap_s = 1.0"),
        ({"dead_topic": "entities"}, "two topics have the same name"),
        ({"ssl_key_file": "key.pem"}, "ssl_key_file needs ssl_certificate_file"),
    ],
)
def test_a_wrong_value_is_named(wrong, said):
    with pytest.raises(ConfigurationError, match=f"settings: {said}"):
        load_settings(**wrong)


def test_a_wrong_value_is_named_with_the_file_that_has_it(nothing_set):
    (nothing_set / "tagwire.toml").write_text('partitions = "four"\n', "utf-8")

    with pytest.raises(
        ConfigurationError, match=r"settings: tagwire\.toml: partitions = 'four': Input should be"
    ):
        load_settings()


@pytest.mark.parametrize("value", ["four", ""])
def test_a_wrong_value_is_named_with_the_variable_that_has_it(monkeypatch, nothing_set, value):
    (nothing_set / "tagwire.toml").write_text("partitions = 2\n", "utf-8")
    monkeypatch.setenv("TAGWIRE_PARTITIONS", value)

    with pytest.raises(ConfigurationError, match=f"settings: TAGWIRE_PARTITIONS = '{value}': "):
        load_settings()


def test_a_byte_order_mark_before_the_file_is_skipped(nothing_set):
    (nothing_set / "tagwire.toml").write_text("partitions = 2\n", "utf-8-sig")

    assert load_settings().partitions == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"sasl_pasword": "loud"},
        {"redis_url": 1234},
        {"sasl_password": 1234},
        {"dashboard_token": 1234},
    ],
)
def test_no_value_of_a_secret_or_of_an_unknown_key_is_printed(wrong):
    with pytest.raises(ConfigurationError) as raised:
        load_settings(**wrong)

    assert not {"loud", "1234"} & set(str(raised.value).replace("'", " ").split())


def test_a_file_that_was_named_must_exist(monkeypatch):
    monkeypatch.setenv("TAGWIRE_CONFIG", "nowhere.toml")

    with pytest.raises(ConfigurationError, match=r"nowhere\.toml"):
        load_settings()


@pytest.mark.parametrize("name", PATHS)
def test_the_home_folder_is_expanded_in_every_path(monkeypatch, name):
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setenv(f"TAGWIRE_{name.upper()}", "~/own")
    more = {"ssl_certificate_file": "x"} if name == "ssl_key_file" else {}

    assert str(getattr(load_settings(**more), name)) == "/home/ada/own"


@pytest.mark.parametrize("name", PATHS)
def test_a_path_in_the_file_is_relative_to_the_file(monkeypatch, nothing_set, name):
    (nothing_set / "etc").mkdir()
    (nothing_set / "etc" / "own.toml").write_text(f'{name} = "here/file"\n', "utf-8")
    monkeypatch.setenv("TAGWIRE_CONFIG", str(nothing_set / "etc" / "own.toml"))
    more = {"ssl_certificate_file": "x"} if name == "ssl_key_file" else {}

    assert getattr(load_settings(**more), name) == nothing_set / "etc" / "here" / "file"


@pytest.mark.parametrize(
    ("written", "read"),
    [("keys.jsonl", "etc/keys.jsonl"), ("~/keys.jsonl", "/home/ada/keys.jsonl")]
    + [(url, url) for url in ("", "http://keys/", "https://keys/v1")],
)
def test_a_source_of_keys_in_the_file_is_a_url_or_relative_to_the_file(
    monkeypatch, nothing_set, written, read
):
    (nothing_set / "etc").mkdir()
    (nothing_set / "etc" / "own.toml").write_text(f'resolver = "{written}"\n', "utf-8")
    monkeypatch.setenv("TAGWIRE_CONFIG", "etc/own.toml")
    monkeypatch.setenv("HOME", "/home/ada")

    assert load_settings().resolver == read


def test_a_path_in_the_file_that_is_no_string_is_an_error(nothing_set):
    (nothing_set / "tagwire.toml").write_text("ensemble = 5\n", "utf-8")

    with pytest.raises(ConfigurationError, match="ensemble"):
        load_settings()


def test_a_path_in_a_variable_is_relative_to_the_working_directory(monkeypatch, nothing_set):
    (nothing_set / "own.toml").touch()
    monkeypatch.setenv("TAGWIRE_ENSEMBLE", "own.toml")

    assert load_settings().ensemble.read_bytes() == b""


@pytest.mark.parametrize("name", PATHS)
def test_an_empty_path_is_one_that_is_not_set(monkeypatch, nothing_set, name):
    without = load_settings()
    (nothing_set / "tagwire.toml").write_text(f'{name} = ""\n', "utf-8")
    monkeypatch.setenv(f"TAGWIRE_{name.upper()}", "")

    assert load_settings() == without


def test_what_ships_is_found_from_any_folder():
    settings = load_settings()

    assert settings.ensemble.is_file()
    assert settings.demonstrations.is_file()
    assert load_settings(ensemble="models/paper.toml").ensemble.is_file()


def test_a_file_of_the_working_directory_comes_before_one_that_ships(nothing_set):
    (nothing_set / "models").mkdir()
    (nothing_set / "models" / "adapted.toml").touch()

    assert load_settings().ensemble.read_bytes() == b""


def test_no_secret_is_printed():
    settings = load_settings(
        sasl_password="loud", redis_url="redis://ada:loud@cache/0", security="sasl_ssl"
    )

    assert "loud" not in f"{settings!r} {settings}"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_no_wrong_value_is_printed_because_it_may_be_a_secret(name):
    with pytest.raises(ConfigurationError) as raised:
        load_settings(**{name: ["loud"]})

    assert name in str(raised.value)
    assert "loud" not in str(raised.value)


@pytest.mark.parametrize("name", ["", " ", "a b", "a/b", "münchen", "..", "x" * 250])
@pytest.mark.parametrize("topic", ["documents_topic", "dead_topic"])
def test_a_topic_that_kafka_does_not_take_is_refused(topic, name):
    with pytest.raises(ConfigurationError, match="a topic has up to 249 letters of ASCII"):
        load_settings(**{topic: name})


def test_a_topic_has_letters_digits_periods_underscores_and_hyphens():
    assert load_settings(entities_topic="News.v2_entities-x").entities_topic == "News.v2_entities-x"


@pytest.mark.parametrize(
    "setting", ["engine_host", "engine_bind_host", "web_host", "dashboard_host"]
)
@pytest.mark.parametrize(
    "host", ["http://0.0.0.0", "0.0.0.0:6066", "[::]", "a/b", "ada@oslo", "a b", "a..b", "a" * 64]
)
def test_what_is_no_host_is_refused(setting, host):
    with pytest.raises(ConfigurationError, match=f"{setting}.*write a host alone"):
        load_settings(**{setting: host})


@pytest.mark.parametrize(
    "host",
    [
        "192.0.2.1",
        "::",
        "fe80::1%eth0",
        "fe80::1%br-1a2b",
        "fe80::1%eth0.100",
        "ray-head.default.svc",
        "localhost",
    ],
)
def test_a_host_is_a_name_or_an_address(host):
    assert load_settings(web_host=host).web_host == host


@pytest.fixture
def closed(monkeypatch):
    """The working folder may not be looked into."""

    def refuse(path, *_, **__):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "stat", refuse)
    monkeypatch.setattr(Path, "read_text", refuse)


@pytest.mark.usefixtures("closed")
def test_a_settings_file_that_may_not_be_looked_at_is_named():
    with pytest.raises(ConfigurationError, match=r"settings file tagwire.toml: Permission denied"):
        load_settings()


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize("name", ["ensemble", "demonstrations", "vllm_python"])
def test_a_path_that_may_not_be_looked_at_stays_for_what_opens_it(name):
    assert getattr(Settings(**{name: Path("shut/file")}), name) == Path("shut/file")
