"""What pydantic or the system found wrong, in one line."""

from pydantic import ValidationError

_RAISED = "Value error, "


def reason(error: Exception) -> str:
    """Return why a file cannot be used.

    Messages name the file themselves, so the number of the error and the path are left out.
    """
    if isinstance(error, ValidationError):
        return problems(error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def problems(error: ValidationError) -> str:
    """Return every problem as ``field: what is wrong``; no value, because it may be a secret."""
    return "; ".join(
        ": ".join(filter(None, [".".join(map(str, e["loc"])), e["msg"].removeprefix(_RAISED)]))
        for e in error.errors()
    )
