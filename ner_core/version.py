"""The version of Tagwire, part of the fingerprint; ``pyproject.toml`` reads it from here."""

__version__ = "0.1.0"
