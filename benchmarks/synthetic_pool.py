"""Made-up demonstrations and vectors, seeded, for pools larger than anybody has annotated.

Names are made of syllables and drawn by Zipf-Mandelbrot, so that they repeat as in a feed: of
24,000 mentions about a third are distinct. Vectors are random unit vectors of 384 dimensions, a
function of the text alone. They cost what real ones cost, but like names are not near each other.
"""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ner_core.ports import Matrix
from ner_core.types import Demonstration, Span, TypedSpan

DIMENSIONS = 384
TYPES = ("person", "organization", "location", "event", "product")

_EXPONENT, _OFFSET = 1.5, 400
_ENTITIES = ((0, 0.12), (1, 0.22), (2, 0.25), (3, 0.18), (4, 0.11), (5, 0.07), (6, 0.05))
_SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "el")]
_WORDS = [*map("".join, product(_SYLLABLES, repeat=2))]
_PUNCTUATED = 50
"""One in so many names has a period inside."""


class RandomEmbedder:
    """The Embedder port: a random unit vector for each text, the same in every process."""

    revision = "random"

    async def embed(self, texts: Sequence[str]) -> Matrix:
        """Return unit vectors, shape (len(texts), 384)."""
        rows = np.array([_normal(text) for text in texts], np.float32).reshape(-1, DIMENSIONS)
        unit: Matrix = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit


def demonstrations(number: int, *, seed: int = 0, prefix: str = "d") -> Iterator[Demonstration]:
    """Yield annotated sentences with ids in no order; equal arguments yield equal sentences."""
    rng = np.random.default_rng(seed)
    sizes, shares = zip(*_ENTITIES, strict=True)
    counts = rng.choice(sizes, number, p=shares)
    for count, order in zip(counts, rng.permutation(number), strict=True):
        draws = rng.integers(0, 2**40, 64)
        uniform = rng.random(count)
        ranks = (_OFFSET * ((1 - uniform) ** (-1 / (_EXPONENT - 1)) - 1)).astype(np.int64) % 2**31
        yield _demonstration(f"{prefix}{order:07}", ranks.tolist(), draws.tolist())


def name(rank: int) -> str:
    """Return the name of a rank: one to three words, one in fifty with a period inside."""
    mixed = int.from_bytes(hashlib.blake2b(str(rank).encode(), digest_size=8).digest(), "big")
    words = []
    for _ in range(1 + mixed % 3):
        mixed, place = divmod(mixed, len(_WORDS))
        words.append(_WORDS[place].capitalize())
    if len(words) > 1 and mixed % _PUNCTUATED == 0:
        words[0] = f"{words[0][0]}."
    return " ".join(words)


def _demonstration(demonstration_id: str, ranks: Sequence[int], draws: list[int]) -> Demonstration:
    text, entities = _word(draws).capitalize(), []
    for rank in ranks:
        text += f" {_filler(draws, 2 + draws.pop() % 4)} "
        start = len(text)
        text += name(rank)
        entities.append(TypedSpan(Span(start, len(text)), TYPES[rank % len(TYPES)]))
    text += f" {_filler(draws, 4 + draws.pop() % 6)}"
    if draws.pop() % 3 == 0:
        text += f" {draws.pop() % 2000}"
    return Demonstration(demonstration_id, f"{text}.", tuple(entities))


def _filler(draws: list[int], words: int) -> str:
    return " ".join(_word(draws) for _ in range(words))


def _word(draws: list[int]) -> str:
    return _WORDS[draws.pop() % len(_WORDS)]


def _normal(text: str) -> NDArray[np.float32]:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    seed = int.from_bytes(digest[:8], "big")
    return np.random.default_rng(seed).standard_normal(DIMENSIONS, np.float32)
