"""What pydantic found wrong, in one line."""

from pydantic import ValidationError

_RAISED = "Value error, "


def problems(error: ValidationError) -> str:
    """Return every problem as ``field: what is wrong``; no value, because it may be a secret."""
    return "; ".join(
        ": ".join(filter(None, [".".join(map(str, e["loc"])), e["msg"].removeprefix(_RAISED)]))
        for e in error.errors()
    )
