"""What is sent: versions and deletions of the same documents, poison among them, by a seed."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

MAX_DOCUMENT_CHARS = 2_000
OUTPUT_LIMIT_BYTES = 40_000
"""Largest record that the topic ``entities`` takes."""

DELETIONS = 0.12
POISON = 0.03
UNIQUE = 0.25
"""Part of the documents whose text was never sent before, so that engines are asked."""

NAMES = "Ada Kern,Bo Falk,Nora Lind,Ole Brandt,Mia Soto,Ivo Hale,Lea Roth,Max Oram".split(",")
PLACES = "Varna,Lindholm,Tunis,Odessa,Bergen,Porto".split(",")


@dataclass(frozen=True)
class Sending:
    """A record for the topic ``documents`` and the outcome it must have.

    ``outcome`` is entities, tombstone or dead; ``reason`` is that of the dead letter.
    """

    sequence: int
    key: bytes
    value: bytes | None
    outcome: str
    reason: str | None = None


def sendings(seed: int, count: int) -> Iterator[Sending]:
    """Returns the sendings of a run; the same seed gives the same."""
    random = Random(seed)
    ids = [f"doc-{n}" for n in range(max(20, count // 20))]
    for sequence in range(count):
        # Few ids have most versions: they meet one another in flight.
        name = ids[int(len(ids) * random.random() ** 2)]
        yield _sending(random, sequence, name)


def _sending(random: Random, sequence: int, name: str) -> Sending:
    fate = random.random()
    if fate < POISON:
        reason = random.choice(sorted(POISONS))
        key, value = POISONS[reason](random, name)
        return Sending(sequence, key, value, "dead", reason)
    if fate < POISON + DELETIONS:
        return Sending(sequence, name.encode(), None, "tombstone")
    return Sending(sequence, name.encode(), _value(name, _text(random, sequence)), "entities")


def _text(random: Random, sequence: int) -> str:
    surname = f"{random.choice(NAMES)}{sequence}" if random.random() < UNIQUE else NAMES[0]
    return f"{surname} left {random.choice(PLACES)}."


def _value(name: str, text: str, **fields: object) -> bytes:
    return json.dumps({"id": name, "text": text, **fields}).encode()


def _too_large(random: Random, name: str) -> tuple[bytes, bytes]:
    noise = random.randbytes(2 * OUTPUT_LIMIT_BYTES).hex()
    return name.encode(), _value(name, "Bo Falk came.", metadata={"noise": noise})


POISONS: dict[str, Callable[[Random, str], tuple[bytes, bytes]]] = {
    "invalid_json": lambda _, name: (name.encode(), b'{"id": '),
    "invalid_utf8": lambda _, name: (name.encode(), b'{"id": "\xff"}'),
    "not_an_object": lambda _, name: (name.encode(), b"[]"),
    "missing_id": lambda _, name: (name.encode(), b'{"text": "Bo Falk came."}'),
    "id_mismatch": lambda _, name: (name.encode(), _value("other", "Bo Falk came.")),
    "unknown_label_set": lambda _, name: (
        name.encode(),
        _value(name, "Bo Falk came.", label_set="martian"),
    ),
    "too_long": lambda _, name: (name.encode(), _value(name, "a" * (MAX_DOCUMENT_CHARS + 1))),
    "record_too_large": _too_large,
}
