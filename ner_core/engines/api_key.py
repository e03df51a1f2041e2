"""The key that a model's server asks for."""

import os
from pathlib import Path

from ner_core.ensemble import Backbone, EmbedderModel
from ner_core.errors import ConfigurationError
from ner_core.validation import read_text

NO_KEY = "none"
"""What is sent if no key is configured; servers without keys ignore it."""


def api_key_of(model: Backbone | EmbedderModel) -> str:
    """Return the key of a model's server, read from its variable or file.

    Raises:
        ConfigurationError: the variable or file holds no key. It is named, never shown.
    """
    if model.api_key_env is not None:
        source, key = f"variable {model.api_key_env}", os.environ.get(model.api_key_env, "")
    elif model.api_key_file is not None:
        source, key = f"file {model.api_key_file}", _text_of(model.api_key_file)
    else:
        return NO_KEY
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        msg = f"{model.name}: the {source} holds no API key (one word of printable ASCII)"
        raise ConfigurationError(msg)
    return key


def _text_of(path: Path) -> str:
    """Return the text of a file, empty if it cannot be read."""
    try:
        return read_text(path)
    except (OSError, ValueError):
        return ""
