"""The worker of `tagwire up` reads the settings that `up` has: those and no others are passed."""

import pytest
from pydantic import SecretStr

from streams.settings import load_settings
from streams.worker_process import overrides, worker_service


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # no settings file


def test_what_the_environment_says_is_inherited_and_not_passed_again(monkeypatch):
    monkeypatch.setenv("TAGWIRE_SASL_PASSWORD", "s3cret")
    monkeypatch.setenv("TAGWIRE_GROUP", "desk")

    assert overrides(load_settings()) == {}


def test_what_was_overridden_is_passed_with_secrets_as_they_are(monkeypatch):
    monkeypatch.setenv("TAGWIRE_SASL_PASSWORD", "other")
    settings = load_settings(sasl_password=SecretStr("s3cret"), bootstrap="kafka:1", web_port=7)

    assert overrides(settings) == {
        "TAGWIRE_SASL_PASSWORD": "s3cret",
        "TAGWIRE_BOOTSTRAP": "kafka:1",
        "TAGWIRE_WEB_PORT": "7",
    }


def test_what_was_overridden_with_nothing_or_zero_is_passed_too(monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://host")

    assert overrides(load_settings(redis_url="", drain_timeout_s=0)) == {
        "TAGWIRE_REDIS_URL": "",
        "TAGWIRE_DRAIN_TIMEOUT_S": "0.0",
    }


def test_a_child_with_the_variables_reads_the_same_settings(monkeypatch, tmp_path):
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "one:1")
    settings = load_settings(
        bootstrap="two:2", redis_url="", max_dead_ratio=0, cache_folder=tmp_path / "cache"
    )

    for name, value in overrides(settings).items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings


def test_the_worker_is_given_its_drain_time_to_end():
    service = worker_service(load_settings(drain_timeout_s=60))

    assert service.policy.end_timeout_s > 60


def test_a_printed_service_shows_no_secret():
    service = worker_service(load_settings(sasl_password=SecretStr("s3cret")))

    assert service.environment["TAGWIRE_SASL_PASSWORD"] == "s3cret"
    assert "s3cret" not in repr(service)
