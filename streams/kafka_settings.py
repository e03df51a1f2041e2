"""The settings of the connection to Kafka."""

import re
import ssl
from ipaddress import IPv6Address
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from ner_core.errors import ConfigurationError
from ner_core.validation import read_text, reason

_BROKER = re.compile(r"(?:\[([^]]+)\]|([\w.-]+))(?::([0-9]{1,5}))?")
_PORT = 9092
"""What a broker listens on if its address does not say."""
_PORTS = range(1, 65536)


class KafkaSettings(BaseModel):
    """How to reach the brokers, and as whom."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    bootstrap: str = Field(
        "127.0.0.1:9092", description="Kafka brokers: host:port, separated by commas"
    )
    security: Literal["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"] = Field(
        "plaintext", description="security protocol of the brokers"
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] = Field(
        "PLAIN", description="how to authenticate, if `security` is SASL"
    )
    sasl_username: str = Field("", description="SASL user name")
    sasl_password: SecretStr = Field(SecretStr(""), description="SASL password")
    sasl_password_file: Path | None = Field(
        None, description="file that holds the SASL password; overrides `sasl_password`"
    )
    sasl_token_file: Path | None = Field(
        None,
        description="file that holds the token for OAUTHBEARER; read again for every connection",
    )
    ssl_ca_file: Path | None = Field(
        None, description="certificate authorities to trust instead of the system's, PEM"
    )
    ssl_certificate_file: Path | None = Field(
        None, description="client certificate for mutual TLS, PEM"
    )
    ssl_key_file: Path | None = Field(
        None, description="key of the client certificate, PEM, not encrypted"
    )
    group: str = Field("tagwire", min_length=1, description="consumer group of the workers")
    session_timeout_s: float = Field(
        6.0, ge=3, le=300, description="the broker takes partitions from a worker silent this long"
    )

    @field_validator("bootstrap")
    @classmethod
    def _brokers(cls, bootstrap: str) -> str:
        _brokers_of(bootstrap)
        return bootstrap

    @model_validator(mode="after")
    def _credentials_complete(self) -> Self:
        if self.ssl_key_file and not self.ssl_certificate_file:
            msg = "ssl_key_file needs ssl_certificate_file, the certificate of that key"
            raise ValueError(msg)
        if self.uses_tokens and not self.sasl_token_file:
            msg = "sasl_mechanism = OAUTHBEARER needs sasl_token_file"
            raise ValueError(msg)
        return self

    @property
    def brokers(self) -> list[tuple[str, int]]:
        """Host and port of each broker; an address of IPv6 without brackets."""
        return _brokers_of(self.bootstrap)

    @property
    def uses_tokens(self) -> bool:
        """Whether brokers are shown a token instead of a password."""
        return self.security.startswith("sasl") and self.sasl_mechanism == "OAUTHBEARER"

    @property
    def password(self) -> str:
        """The SASL password, from its file if one is named.

        Raises:
            ConfigurationError: the file cannot be read.
        """
        if self.sasl_password_file is None:
            return self.sasl_password.get_secret_value()
        try:
            return read_text(self.sasl_password_file).strip()
        except (OSError, ValueError) as exc:
            msg = f"sasl_password_file {self.sasl_password_file}: {reason(exc)}"
            raise ConfigurationError(msg) from exc

    def ssl_context(self) -> ssl.SSLContext | None:
        """Return the TLS context of the broker connection; ``None`` without TLS.

        Raises:
            ConfigurationError: a file cannot be read or holds something else.
        """
        if not self.security.endswith("ssl"):
            return None
        try:
            context = ssl.create_default_context(cafile=self.ssl_ca_file)
            if self.ssl_certificate_file:
                # Without a password of its own, OpenSSL would ask for one on the terminal.
                context.load_cert_chain(self.ssl_certificate_file, self.ssl_key_file, password="")
        except (OSError, ValueError) as exc:
            names = (self.ssl_ca_file, self.ssl_certificate_file, self.ssl_key_file)
            msg = f"TLS files {', '.join(str(name) for name in names if name)}: {reason(exc)}"
            raise ConfigurationError(msg) from exc
        return context

    def kafka(self) -> dict[str, Any]:
        """Return the connection arguments of an aiokafka client.

        Raises:
            ConfigurationError: a file of the credentials cannot be used.
        """
        return {
            "bootstrap_servers": self.bootstrap,
            "security_protocol": self.security.upper(),
            "ssl_context": self.ssl_context(),
            **self._sasl(),
        }

    def _sasl(self) -> dict[str, Any]:
        if not self.security.startswith("sasl"):
            return {}
        if self.sasl_token_file and self.uses_tokens:
            from streams.kafka_tokens import TokenFile  # noqa: PLC0415 - it takes Kafka's client

            provider = TokenFile(self.sasl_token_file)
            return {
                "sasl_mechanism": self.sasl_mechanism,
                "sasl_oauth_token_provider": provider,
            }
        return {
            "sasl_mechanism": self.sasl_mechanism,
            "sasl_plain_username": self.sasl_username,
            "sasl_plain_password": self.password,
        }


def _brokers_of(bootstrap: str) -> list[tuple[str, int]]:
    """Return host and port of each broker.

    Raises:
        ValueError: one is no address; the message names it.
    """
    return [_broker(entry.strip()) for entry in bootstrap.split(",")]


def _broker(entry: str) -> tuple[str, int]:
    if found := _BROKER.fullmatch(entry):
        ipv6, name, port = found.groups(default="")
        number = int(port or _PORT)
        if number in _PORTS and (_is_ipv6(ipv6) if ipv6 else is_name(name)):
            return ipv6 or name, number
    msg = (
        f"{entry!r} is not the address of a broker; write host:port, several with commas between "
        "them, a port from 1 to 65535, an address of IPv6 in brackets"
    )
    raise ValueError(msg)


def _is_ipv6(host: str) -> bool:
    try:
        IPv6Address(host)
    except ValueError:
        return False
    return True


def is_name(host: str) -> bool:
    """Return whether a host can be looked up: no part of its name is empty or too long."""
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return True
