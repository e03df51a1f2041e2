"""An encoder without a model: texts that share letters are near each other."""

import zlib
from collections.abc import Sequence

import numpy as np

from ner_core.ports import Matrix

_DIMENSIONS = 64


class HashEmbedder:
    """The Embedder port by hashed character trigrams; the same in every process."""

    revision = "hashed trigrams"

    async def embed(self, texts: Sequence[str]) -> Matrix:
        """Return unit vectors, shape (len(texts), 64)."""
        return np.array([vector(text) for text in texts], np.float32).reshape(-1, _DIMENSIONS)


def vector(text: str) -> list[float]:
    """Return the unit vector of a text."""
    padded = f"  {text.lower()} ".encode("utf-8", "replace")
    starts = range(len(padded) - 2)
    places = [zlib.crc32(padded[start : start + 3]) % _DIMENSIONS for start in starts]
    counts = np.bincount(places, minlength=_DIMENSIONS)
    unit: list[float] = (counts / np.sqrt(counts @ counts)).tolist()
    return unit
