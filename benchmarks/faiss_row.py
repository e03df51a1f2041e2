"""FAISS beside the pool: exact search of four spans in as many vectors, on one core.

    PYTHON benchmarks/faiss_row.py VECTORS

``PYTHON`` is that of an environment with ``faiss-cpu`` and ``numpy``. It prints the median CPU time
in milliseconds of a flat index, which finds the eight nearest vectors of each span. That is less
than the pool does: FAISS knows no candidates of many spans, and computes in single precision.
"""

import statistics
import sys
import time

import faiss
import numpy as np

SPANS, NEAREST, TIMES, DIMENSIONS = 4, 8, 100, 384


def main() -> None:
    """Search random unit vectors and print the median time."""
    faiss.omp_set_num_threads(1)
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((int(sys.argv[1]), DIMENSIONS), np.float32)
    faiss.normalize_L2(vectors)
    index = faiss.IndexFlatIP(DIMENSIONS)
    index.add(vectors)
    times = []
    for start in range(TIMES):
        query = vectors[start : start + SPANS]
        began = time.process_time()
        index.search(query, NEAREST)
        times.append(time.process_time() - began)
    print(round(statistics.median(times) * 1000, 1))


if __name__ == "__main__":
    main()
