"""Demonstrations in files: all of a file are good, or none is used."""

from ner_core.errors import ConfigurationError, DocumentError
from ner_core.types import Demonstration
from streams.client.files import Line, read_lines
from streams.wire.demonstrations import decode_demonstration

_SHOWN = 10


def read_demonstrations(source: str) -> list[Demonstration]:
    """Return the demonstrations of a JSONL file; ``-`` is standard input.

    Raises:
        ConfigurationError: the file cannot be read, or some of its lines are not
            demonstrations; the message names file, lines and ids, and what is wrong.
    """
    demonstrations, wrong = [], []
    for entry in read_lines(source):
        if not isinstance(entry, Line):
            wrong.append(f"line {entry[0]}: {entry[1]}")
            continue
        try:
            demonstrations.append(decode_demonstration(entry.value))
        except DocumentError as exc:
            wrong.append(f"line {entry.number} (id {entry.id!r}): {exc}")
    if wrong:
        more = f"; and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        msg = (
            f"{source}: no demonstration was loaded, {len(wrong)} of "
            f"{len(wrong) + len(demonstrations)} are wrong: {'; '.join(wrong[:_SHOWN])}{more}"
        )
        raise ConfigurationError(msg)
    return demonstrations
