"""Demonstrations in files: all of a file are good, or none is used."""

from collections import Counter
from collections.abc import Iterable

import structlog

from ner_core.errors import ConfigurationError, DocumentError
from ner_core.types import Demonstration
from streams.client.files import numbered_lines
from streams.terminal import clean
from streams.wire.bounded import bounded
from streams.wire.demonstrations import decode_demonstration
from streams.wire.documents import id_of

_SHOWN = 10

log = structlog.get_logger()


def read_demonstrations(source: str) -> list[Demonstration]:
    """Return the demonstrations of a JSONL file; ``-`` is standard input.

    Raises:
        ConfigurationError: the file cannot be read, or some of its lines are not
            demonstrations; the message names file, lines and ids, and what is wrong.
    """
    demonstrations, wrong = [], []
    for number, value in numbered_lines(source):
        where = f"line {number}"
        try:
            if isinstance(value, DocumentError):
                raise value
            where = f"{where} (id {id_of(value)!r})"
            demonstrations.append(decode_demonstration(value))
        except DocumentError as exc:
            wrong.append(f"{where}: {exc}")
    if wrong:
        more = f"; and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        msg = (
            f"{source}: no demonstration was loaded, {len(wrong)} of "
            f"{len(wrong) + len(demonstrations)} are wrong: {'; '.join(wrong[:_SHOWN])}{more}"
        )
        raise ConfigurationError(msg)
    return demonstrations


def warn_of_repeated_ids(demonstrations: Iterable[Demonstration]) -> None:
    """Log ids that occur more than once: of their demonstrations all but the last are lost."""
    counts = Counter(demonstration.id for demonstration in demonstrations)
    if repeated := [name for name, number in counts.items() if number > 1]:
        log.warning(
            "ids occur more than once; the last of each counts",
            number=len(repeated),
            first=clean(bounded(repeated[0])),
        )
