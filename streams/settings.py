"""The settings of every Tagwire process: one TOML file, then ``TAGWIRE_*`` variables over it."""

import os
import ssl
import tomllib
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from ner_core.errors import ConfigurationError

PREFIX = "TAGWIRE_"
CONFIG_VARIABLE = "TAGWIRE_CONFIG"
DEFAULT_FILE = Path("tagwire.toml")
USUAL_VARIABLES = {"KAFKA_BOOTSTRAP": "bootstrap", "REDIS_URL": "redis_url"}
"""Variables that name servers which run already; ``tagwire up`` starts none beside them."""


class Settings(BaseSettings):
    """All that can be set; every key is a line of the TOML file or a ``TAGWIRE_`` variable."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", frozen=True, validate_default=True
    )

    bootstrap: str = Field("127.0.0.1:9092", description="Kafka brokers, host:port with commas")
    security: Literal["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"] = "plaintext"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"
    sasl_username: str = ""
    sasl_password: SecretStr = SecretStr("")
    sasl_password_file: Path | None = Field(None, description="read instead of sasl_password")
    ssl_ca_file: Path | None = Field(None, description="trusted instead of the system's")
    group: str = Field("tagwire", min_length=1, description="consumer group of the workers")
    session_timeout_s: float = Field(6.0, ge=3, le=300)

    documents_topic: str = "documents"
    entities_topic: str = "entities"
    dead_topic: str = "documents.dead"
    demonstrations_topic: str = "demonstrations"
    fingerprints_topic: str = "fingerprints"
    partitions: int = Field(4, gt=0, description="of the topics that `topics create` makes")
    replication: int = Field(1, gt=0, description="of the topics that `topics create` makes")

    redis_url: str = Field("redis://127.0.0.1:6379/0", description="empty: no store")
    ensemble: Path = Field(Path("models/adapted.toml"), description="ensemble file")
    engine_host: str = Field("127.0.0.1", description="where tagwire gpu-worker serves")
    label_sets: Path | None = Field(None, description="folder beside the shipped label sets")

    window_documents: int = Field(8, gt=0, description="in flight per partition")
    window_bytes: int = Field(100_000, gt=0, description="in flight per partition")
    max_document_chars: int = Field(200_000, gt=0, description="over it: dead letter too_long")
    document_timeout_s: float = Field(
        3600.0, gt=0, description="for all attempts at a document; over it: dead letter"
    )
    max_dead_ratio: float = Field(0.05, ge=0, le=1, description="of the last 1,000 documents")
    retry_first_s: float = Field(0.2, gt=0, description="first wait for an engine")
    retry_cap_s: float = Field(10.0, gt=0, description="longest wait for an engine")
    drain_timeout_s: float = Field(25.0, ge=0, description="from SIGTERM to the worker's end")

    web_host: str = Field("127.0.0.1", description="where the worker's web page listens")
    web_port: int = Field(6066, ge=0, le=65535, description="of the web page; 0 takes a free one")
    cache_folder: Path = Field(
        Path("~/.cache/tagwire"), description="unpacked weights and the embedded stack"
    )
    log_folder: Path | None = Field(None, description="default: logs in the cache folder")
    vllm_python: Path = Field(Path(".venv-vllm/bin/python"), description="Python that has vLLM")
    demonstrations: Path = Field(
        Path("examples/demonstrations.jsonl"), description="pool that `up` and `tag` load"
    )

    @field_validator("cache_folder", "log_folder", "ensemble", "vllm_python")
    @classmethod
    def _home(cls, path: Path | None) -> Path | None:
        return path.expanduser() if path else path

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.retry_first_s > self.retry_cap_s:
            msg = f"retry_first_s = {self.retry_first_s} is over retry_cap_s = {self.retry_cap_s}"
            raise ValueError(msg)
        topics = self.topics
        if len(set(topics)) < len(topics):
            msg = f"two topics have one name: {topics}"
            raise ValueError(msg)
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over variables, those over the file, that over ``USUAL_VARIABLES``."""
        del dotenv_settings, file_secret_settings
        file = InitSettingsSource(settings_cls, {**_usual_variables(), **_file_values()})
        return init_settings, env_settings, file

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
    def engines_file(self) -> Path:
        """Where a running ``gpu-worker`` tells of its engines."""
        return self.cache_folder / "engines.json"

    @property
    def logs(self) -> Path:
        """Folder of the log files."""
        return self.log_folder or self.cache_folder / "logs"

    @property
    def password(self) -> str:
        """The SASL password, from its file where one is named."""
        if self.sasl_password_file is None:
            return self.sasl_password.get_secret_value()
        try:
            return self.sasl_password_file.read_text("utf-8").strip()
        except OSError as exc:
            msg = f"sasl_password_file: {exc}"
            raise ConfigurationError(msg) from exc

    def ssl_context(self) -> ssl.SSLContext | None:
        """TLS context of the broker connection, ``None`` where it is plain."""
        if not self.security.endswith("ssl"):
            return None
        try:
            return ssl.create_default_context(cafile=self.ssl_ca_file)
        except OSError as exc:
            msg = f"ssl_ca_file {self.ssl_ca_file}: {exc}"
            raise ConfigurationError(msg) from exc

    def kafka(self) -> dict[str, Any]:
        """Connection arguments for an aiokafka client."""
        arguments: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap,
            "security_protocol": self.security.upper(),
            "ssl_context": self.ssl_context(),
        }
        if self.security.startswith("sasl"):
            arguments["sasl_mechanism"] = self.sasl_mechanism
            arguments["sasl_plain_username"] = self.sasl_username
            arguments["sasl_plain_password"] = self.password
        return arguments


def load_settings(**overrides: object) -> Settings:
    """Read the settings; ``overrides`` (from a command line) win over everything.

    Raises:
        ConfigurationError: a key, variable or value is wrong or unknown.
    """
    _refuse_unknown_variables()
    try:
        return Settings(**overrides)  # type: ignore[arg-type] # pydantic judges the values
    except ValidationError as exc:
        lines = [f"{'.'.join(map(str, e['loc'])) or 'settings'}: {e['msg']}" for e in exc.errors()]
        known = ", ".join(sorted(Settings.model_fields))
        msg = f"settings: {'; '.join(lines)} (known keys: {known})"
        raise ConfigurationError(msg) from exc


def _file_values() -> dict[str, Any]:
    named = os.environ.get(CONFIG_VARIABLE)
    path = Path(named) if named else DEFAULT_FILE
    if not named and not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as exc:
        msg = f"settings file {path}: {exc}"
        raise ConfigurationError(msg) from exc


def _usual_variables() -> dict[str, Any]:
    """Give what the variables that everybody has for Kafka and Redis say."""
    return {
        field: os.environ[name] for name, field in USUAL_VARIABLES.items() if os.environ.get(name)
    }


def _refuse_unknown_variables() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {CONFIG_VARIABLE}
    unknown = sorted(v for v in os.environ if v.upper().startswith(PREFIX) and v not in known)
    if unknown:
        msg = f"unknown variable {', '.join(unknown)}; known: {', '.join(sorted(known))}"
        raise ConfigurationError(msg)
