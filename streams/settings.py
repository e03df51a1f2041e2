"""The settings of every Tagwire process: one TOML file, then ``TAGWIRE_*`` variables over it."""

import os
import re
import sys
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from ner_core.errors import ConfigurationError
from ner_core.validation import read_toml, reason, wrong_keys
from streams.kafka_settings import KafkaSettings, is_name
from streams.shipped import may_exist, shipped

PREFIX = "TAGWIRE_"
CONFIG_VARIABLE = "TAGWIRE_CONFIG"
DEFAULT_FILE = Path("tagwire.toml")
USUAL_VARIABLES = {"KAFKA_BOOTSTRAP": "bootstrap", "REDIS_URL": "redis_url"}
"""Variables that name servers which are already running; ``tagwire up`` starts no others."""

_TOPIC = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}")
TOPIC_RULE = "a topic has up to 249 letters of ASCII, digits, and . _ -"
_HOST = re.compile(r"[^\s:/@\[\]]*|(?=.*:.*:)[0-9A-Fa-f:.]+(?:%[\w.-]+)?")
"""A name, an address of IPv4, or one of IPv6 without brackets."""
_KUBERNETES = re.compile(
    r"TAGWIRE_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)"
)
"""Kubernetes sets these in every pod for a Service named ``tagwire`` or ``tagwire-…``."""
_KUBERNETES_ADDRESS = re.compile(r"(tcp|udp|sctp)://.*")
"""The value of its ``…_PORT``, which no setting has."""

URL_SCHEMES = ("http://", "https://")


class Settings(KafkaSettings):
    """All settings; every key is a line of the TOML file or a ``TAGWIRE_`` variable."""

    documents_topic: str = Field("documents", description="topic to read documents from")
    entities_topic: str = Field("entities", description="topic to write entities to")
    dead_topic: str = Field("documents.dead", description="topic for dead letters")
    demonstrations_topic: str = Field("demonstrations", description="topic of the pool")
    fingerprints_topic: str = Field("fingerprints", description="topic that explains fingerprints")
    partitions: int = Field(
        4, gt=0, description="partitions of the topics that `tagwire topics create` creates"
    )
    replication: int = Field(
        1, gt=0, description="replicas of the topics that `tagwire topics create` creates"
    )

    redis_url: str = Field(
        "redis://127.0.0.1:6379/0",
        repr=False,  # it may hold a password
        description="Redis for embeddings and answers; empty: none",
    )
    ensemble: Path = Field(Path("models/adapted.toml"), description="ensemble file")
    engine_host: str = Field("127.0.0.1", description="host of engines without a URL of their own")
    engine_bind_host: str = Field(
        "127.0.0.1", description="host on which the engines of `up` and `gpu-worker` listen"
    )
    engine_start_timeout_s: float = Field(
        900.0,
        gt=0,
        description="seconds until an engine's first answer, with the download of its weights",
    )
    label_sets: Path | None = Field(
        None, description="folder of label sets, in addition to those that ship"
    )

    resolver: str = Field(
        "",
        description="external keys for groups: a file of JSON lines, or a URL; empty: none",
    )

    window_documents: int = Field(64, gt=0, description="documents in flight per partition")
    window_bytes: int = Field(
        32_000, gt=0, description="bytes of documents in flight per partition"
    )
    max_document_chars: int = Field(
        200_000, gt=0, description="longer documents become dead letters: `too_long`"
    )
    document_timeout_s: float = Field(
        3600.0, gt=0, description="seconds for all attempts at a document; then a dead letter"
    )
    max_dead_ratio: float = Field(
        0.05,
        ge=0,
        le=1,
        description="a worker stops if more of the last 1,000 documents of its partitions die",
    )
    stop_on_loss: bool = Field(
        default=False,
        description="a worker stops when retention has deleted documents before they were read",
    )
    retry_first_s: float = Field(0.2, gt=0, description="first wait for an engine, in seconds")
    retry_cap_s: float = Field(10.0, gt=0, description="longest wait for an engine, in seconds")
    drain_timeout_s: float = Field(
        25.0, ge=0, description="seconds from SIGTERM to the end of the worker"
    )

    web_host: str = Field(
        "127.0.0.1", description="address the web pages of worker and gpu-worker listen on"
    )
    web_port: int = Field(
        6066, ge=0, le=65535, description="port of the worker's web page; 0: any free port"
    )
    engines_web_port: int = Field(
        6067, ge=0, le=65535, description="port of the gpu-worker's web page; 0: any free port"
    )
    dashboard_host: str = Field(
        "127.0.0.1",
        description="address the dashboard listens on; another than loopback needs a token",
    )
    dashboard_port: int = Field(
        6068, ge=0, le=65535, description="port of the dashboard; 0: any free port"
    )
    dashboard_token: SecretStr = Field(
        SecretStr(""), description="token that the dashboard asks for; empty: none"
    )
    cache_folder: Path = Field(
        Path("~/.cache/tagwire"), description="unpacked models and the state of `tagwire up`"
    )
    log_folder: Path | None = Field(None, description="log files; default: `logs` in the cache")
    log_format: Literal["text", "json"] = Field(
        "text", description="how a worker logs: lines for people, or one JSON object a line"
    )
    tracing: bool = Field(
        default=False,
        description="a worker exports traces by OpenTelemetry, as `OTEL_*` variables say",
    )
    vllm_python: Path = Field(
        Path(".venv-vllm/bin/python"),
        description="Python that has vLLM; relative to the folder of Tagwire's own environment",
    )
    demonstrations: Path = Field(
        Path("examples/demonstrations.jsonl"), description="pool that `up` and `tag` load"
    )

    @field_validator("*")
    @classmethod
    def _home(cls, value: object) -> object:
        return value.expanduser() if isinstance(value, Path) else value

    @field_validator("ensemble", "demonstrations")
    @classmethod
    def _shipped(cls, path: Path) -> Path:
        return shipped(path)

    @field_validator("vllm_python")
    @classmethod
    def _beside_this_environment(cls, python: Path) -> Path:
        return python if may_exist(python) else Path(sys.prefix).parent / python

    @field_validator(
        "documents_topic", "entities_topic", "dead_topic", "demonstrations_topic",
        "fingerprints_topic",
    )  # fmt: skip
    @classmethod
    def _topic(cls, name: str) -> str:
        if not is_topic(name):
            raise ValueError(TOPIC_RULE)
        return name

    @field_validator("engine_host", "engine_bind_host", "web_host", "dashboard_host")
    @classmethod
    def _host(cls, host: str) -> str:
        if not _HOST.fullmatch(host) or not is_name(host):
            msg = "write a host alone: no scheme, port, path, brackets or empty part of a name"
            raise ValueError(msg)
        return host

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.retry_first_s > self.retry_cap_s:
            msg = f"retry_first_s = {self.retry_first_s} is over retry_cap_s = {self.retry_cap_s}"
            raise ValueError(msg)
        topics = self.topics
        if len(set(topics)) < len(topics):
            msg = f"two topics have the same name: {topics}"
            raise ValueError(msg)
        return self

    @property
    def topics(self) -> tuple[str, ...]:
        """Names of all topics."""
        return (
            self.documents_topic,
            self.entities_topic,
            self.dead_topic,
            self.demonstrations_topic,
            self.fingerprints_topic,
        )

    @property
    def pid_file(self) -> Path:
        """File that a running ``tagwire up`` holds."""
        return self.cache_folder / "up.pid"

    @property
    def logs(self) -> Path:
        """Folder of the log files."""
        return self.log_folder or self.cache_folder / "logs"


def load_settings(**overrides: object) -> Settings:
    """Return the settings.

    ``overrides`` (from a command line) win over ``TAGWIRE_`` variables, those over the file,
    that over ``USUAL_VARIABLES``.

    Raises:
        ConfigurationError: a key, variable or value is wrong or unknown.
    """
    usual, (path, file), own = _usual_variables(), _file_values(), _variables()
    try:
        return Settings.model_validate({**usual, **file, **own, **overrides})
    except ValidationError as exc:
        sources = {
            **{field: name for name, field in USUAL_VARIABLES.items() if field in usual},
            **{key: f"{path}: {key}" for key in file},
            **{field: PREFIX + field.upper() for field in own},
            **{field: field for field in overrides},
        }
        known = f" (known keys: {', '.join(sorted(Settings.model_fields))})"
        unknown = any(error["type"] == "extra_forbidden" for error in exc.errors())
        wrong = wrong_keys(exc, lambda key: sources.get(key, key))
        msg = f"settings: {wrong}{known if unknown else ''}"
        raise ConfigurationError(msg) from exc


def is_topic(name: str) -> bool:
    """Return whether Kafka takes a topic of this name."""
    return bool(_TOPIC.fullmatch(name))


def _path_fields() -> set[str]:
    return {
        name
        for name, field in Settings.model_fields.items()
        if field.annotation in {Path, Path | None}
    }


def _file_values() -> tuple[Path, dict[str, Any]]:
    """Return the settings file and what it says.

    Relative paths are relative to it, empty ones not set.
    """
    named = os.environ.get(CONFIG_VARIABLE)
    path = Path(named).expanduser() if named else DEFAULT_FILE
    if not named and not may_exist(path):
        return path, {}
    try:
        values = read_toml(path)
    except (OSError, ValueError) as exc:
        msg = f"settings file {path}: {reason(exc)}"
        raise ConfigurationError(msg) from exc
    url = str(values.get("resolver")).startswith(URL_SCHEMES)
    names = _path_fields() if url else {*_path_fields(), "resolver"}
    paths = {n: values.pop(n) for n in names if isinstance(values.get(n), str)}
    own = {n: str(path.parent / Path(p).expanduser()) for n, p in paths.items() if p}
    return path, {**values, **own}


def _usual_variables() -> dict[str, str]:
    """Return the values of the variables that other tools use for Kafka and Redis too."""
    return {
        field: os.environ[name] for name, field in USUAL_VARIABLES.items() if os.environ.get(name)
    }


def _variables() -> dict[str, str]:
    """Return what the ``TAGWIRE_`` variables say; an empty path is one that is not set."""
    own = {
        name: value
        for name, value in os.environ.items()
        if name.upper().startswith(PREFIX)
        and name != CONFIG_VARIABLE
        and not _of_kubernetes(name, value)
    }
    fields = {PREFIX + field.upper(): field for field in Settings.model_fields}
    if unknown := sorted(own.keys() - fields.keys()):
        known = ", ".join(sorted([*fields, CONFIG_VARIABLE]))
        msg = f"unknown variable {', '.join(unknown)}; known: {known}"
        raise ConfigurationError(msg)
    unset = {name for name in _path_fields() if not own.get(PREFIX + name.upper())}
    return {fields[name]: value for name, value in own.items() if fields[name] not in unset}


def _of_kubernetes(name: str, value: str) -> bool:
    return bool(
        _KUBERNETES.fullmatch(name)
        or (name.endswith("_PORT") and _KUBERNETES_ADDRESS.fullmatch(value))
    )
