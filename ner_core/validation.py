"""What pydantic or the system found wrong, in one line."""

from pathlib import Path

from pydantic import ValidationError

_RAISED = "Value error, "


def reason(error: Exception, named: Path | None = None) -> str:
    """Return why a file cannot be used.

    Messages name the file themselves, so the number of the error and the path are left out. If
    ``named`` is what the message names, the path of another file follows the reason.
    """
    if isinstance(error, ValidationError):
        return problems(error)
    if isinstance(error, OSError) and error.strerror:
        own = named is None or error.filename is None or str(error.filename) == str(named)
        return error.strerror if own else f"{error.strerror}: {error.filename}"
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def problems(error: ValidationError) -> str:
    """Return every problem as ``field: what is wrong``; no value, because it may be a secret."""
    return "; ".join(
        ": ".join(filter(None, [".".join(map(str, e["loc"])), e["msg"].removeprefix(_RAISED)]))
        for e in error.errors()
    )
