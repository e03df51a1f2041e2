"""Tokens for brokers that authenticate by SASL/OAUTHBEARER."""

from pathlib import Path

from aiokafka.abc import AbstractTokenProvider

from ner_core.errors import ConfigurationError
from ner_core.validation import read_text, reason


class TokenFile(AbstractTokenProvider):  # type: ignore[misc] # aiokafka is untyped
    """A token in a file, read for every connection: what renews it may replace the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.read()

    def read(self) -> str:
        """Return the token.

        Raises:
            ConfigurationError: the file cannot be read.
        """
        try:
            return read_text(self._path).strip()
        except (OSError, ValueError) as exc:
            msg = f"sasl_token_file {self._path}: {reason(exc)}"
            raise ConfigurationError(msg) from exc

    async def token(self) -> str:
        """Return the token for one connection."""
        return self.read()
