"""What a large pool costs: to build, to change, to search, and in memory.

    make bench BENCH='pool --sizes 1000 100000'
    .venv/bin/python benchmarks/pool_bench.py [--sizes N …] [--redis URL] [--peer PYTHON]

On one core, made-up demonstrations (synthetic_pool.py), each size in a process of its own. Time is
CPU time of the process unless it says wall. With ``--redis`` a second process starts from the
vectors that the first left there, as a restarted worker would. ``--peer`` is the Python of an
environment with ``faiss-cpu``, whose exact search is timed over as many vectors (faiss_row.py).
Prints a table and appends it to POOL.md.
"""

import argparse
import asyncio
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import numpy as np
from synthetic_pool import DIMENSIONS, RandomEmbedder, demonstrations

import streams.worker.app  # noqa: F401 - the memory of a worker without its pool
from ner_core.engines.cached import CachedEmbedder
from ner_core.labels import SHIPPED, load_label_sets
from ner_core.modes import Modes
from ner_core.pool.contents import encoded
from ner_core.pool.pool import GrowingPool, Pool
from ner_core.ports import Embedder
from ner_core.stages.extraction import Extraction
from ner_core.stages.pool_vote import PoolVoter
from ner_core.stages.retrieval import retrieve
from ner_core.stores.redis import RedisStore
from ner_core.text.candidate_spans import rough_spans
from ner_core.types import Sentence
from streams.wire.demonstrations import decode_record, encode_demonstration

SIZES = (1_000, 10_000, 100_000)
QUERIES, CHANGES, WARM = 400, 20, 10
MODES = Modes(
    rough_spans="rules",
    pool_votes=True,
    names_in_context=True,
    border_words=True,
    demonstrations=8,
)
RESULTS = Path(__file__).parent / "POOL.md"
PEER = Path(__file__).parent / "faiss_row.py"
ONE_CORE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
HEADS = {
    "size": "demonstrations",
    "build_s": "build, s",
    "change_ms": "one change, ms, p50",
    "change_max_ms": "max",
    "loop_ms": "of it on the event loop, ms, max",
    "wait_ms": "longest wait of the loop, ms wall",
    "idle_ms": "the same without a change",
    "retrieval_ms": "retrieval a sentence, ms, p50",
    "retrieval_p99_ms": "p99",
    "document_ms": "of a document of five, ms a sentence, p50",
    "document_p99_ms": "p99",
    "vote_ms": "vote a sentence, ms, p50",
    "vote_p99_ms": "p99",
    "memory_mb": "memory, MB",
    "peak_mb": "peak, MB",
    "start_s": "start from Redis, s wall",
    "start_cpu_s": "CPU",
    "start_misses": "vectors that Redis did not return in time",
    "peer_ms": "FAISS flat, four spans, ms, p50",
}


def main() -> None:
    """Measure every size, print the table, and append it to the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--peer", help="a Python with faiss-cpu and numpy")
    parser.add_argument("--redis", help="URL of a Redis for vectors")
    parser.add_argument("--one", choices=["measure", "start"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        work = _measure if options.one == "measure" else _start
        print(json.dumps(asyncio.run(work(options.sizes[0], options.redis))))
        return
    print("\n".join(measured([row(size, options.redis, options.peer) for size in options.sizes])))


def measured(rows: Sequence[dict[str, object]]) -> list[str]:
    """Append rows to the results; returns the lines of their table."""
    heads = [HEADS[key] for key in rows[0]]
    lines = [_line(heads), _line(["---:"] * len(heads)), *(_line(row.values()) for row in rows)]
    _keep(lines)
    return lines


def row(size: int, redis: str | None, peer: str | None) -> dict[str, object]:
    """Return the figures of a pool of a size, measured in processes of their own."""
    ourselves = [
        sys.executable,
        __file__,
        "--sizes",
        str(size),
        *(["--redis", redis] if redis else []),
    ]
    figures = json.loads(_said([*ourselves, "--one", "measure"]))
    vectors = figures.pop("vectors")
    if redis:
        figures |= json.loads(_said([*ourselves, "--one", "start"]))
    if peer:
        figures["peer_ms"] = float(_said([peer, str(PEER), str(vectors)]))
    return figures


def _said(command: Sequence[str]) -> bytes:
    return subprocess.check_output(command, env={**os.environ, **ONE_CORE})  # noqa: S603 - ours, or as asked


def _embedder(redis: str | None) -> Embedder:
    made = RandomEmbedder()
    return CachedEmbedder(made, RedisStore(redis), DIMENSIONS) if redis else made


async def _start(size: int, redis: str) -> dict[str, object]:
    """Do what a worker does with the records of the topic, once it has them."""
    records = [(d.id.encode(), encode_demonstration(d)) for d in demonstrations(size)]
    store = RedisStore(redis)
    growing = GrowingPool(CachedEmbedder(RandomEmbedder(), store, DIMENSIONS), MODES)
    began, cpu = time.monotonic(), time.process_time()
    read = [decode_record(key, value) for key, value in records]
    await growing.change({name: encoded(one) for name, one in read})
    return {
        "start_s": round(time.monotonic() - began, 1),
        "start_cpu_s": round(time.process_time() - cpu, 1),
        "start_misses": store.counts.misses,
    }


async def _measure(size: int, redis: str | None) -> dict[str, object]:
    embedder = _embedder(redis)
    growing = GrowingPool(embedder, MODES)
    contents = {d.id: encoded(d) for d in demonstrations(size)}
    began = time.process_time()
    pool = await growing.change(contents)
    row: dict[str, object] = {"size": size, "build_s": round(time.process_time() - began, 1)}
    row |= await _changes(growing)
    sentences = [
        Sentence("text", index, 0, demonstration.text)
        for index, demonstration in enumerate(demonstrations(QUERIES, seed=1, prefix="q"))
    ]
    row |= await _retrieval(pool, embedder, sentences)
    row |= await _votes(pool, embedder, sentences[: QUERIES // 4])
    row["memory_mb"] = _resident_mb()
    row["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    row["vectors"] = len(pool.shelves["news"].spans.vectors)
    return row


async def _changes(growing: GrowingPool) -> dict[str, object]:
    """Add demonstrations one by one, then remove them: first for CPU time, then for the waits."""
    new = list(demonstrations(CHANGES, seed=2, prefix="x"))
    changes = [*({d.id: encoded(d)} for d in new), *({d.id: None} for d in new)]
    whole, loop = [], []
    for change in changes:
        cpu, own = time.process_time(), time.thread_time()
        await growing.change(change)
        whole.append(time.process_time() - cpu)
        loop.append(time.thread_time() - own)
    began = time.monotonic()
    waits = [await _longest_wait(growing.change(change)) for change in changes]
    seconds = (time.monotonic() - began) / len(changes)
    idle = [await _longest_wait(asyncio.sleep(seconds)) for _ in changes]
    return {
        "change_ms": _ms(np.median(whole)),
        "change_max_ms": _ms(max(whole)),
        "loop_ms": _ms(max(loop)),
        "wait_ms": _ms(max(waits)),
        "idle_ms": _ms(max(idle)),
    }


async def _longest_wait(work: Awaitable) -> float:
    """Return the longest time in seconds in which nothing else could run on the event loop."""
    ended, waits = asyncio.Event(), [0.0]

    async def tick() -> None:
        while not ended.is_set():
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            waits.append(time.perf_counter() - began - 0.001)

    ticking = asyncio.create_task(tick())
    await work
    ended.set()
    await ticking
    return max(waits)


async def _retrieval(
    pool: Pool, embedder: Embedder, sentences: Sequence[Sentence]
) -> dict[str, object]:
    async def ask(some: Sequence[Sentence]) -> None:
        rough = {s.index: rough_spans(s.text) for s in some}
        await retrieve(some, rough, shelf=pool.shelves["news"], embedder=embedder, modes=MODES)

    single = await _times([[s] for s in sentences], ask)
    fives = await _times([sentences[n : n + 5] for n in range(0, len(sentences), 5)], ask)
    return {
        **_percentiles("retrieval", single),
        **_percentiles("document", [seconds / 5 for seconds in fives]),
    }


async def _votes(
    pool: Pool, embedder: Embedder, sentences: Sequence[Sentence]
) -> dict[str, object]:
    voter = PoolVoter(pool.shelves["news"].names, embedder, load_label_sets(SHIPPED)["news"])

    async def ask(sentence: Sentence) -> None:
        await voter.propose_and_vote([sentence], Extraction({}, {sentence.index: ()}))

    return _percentiles("vote", await _times(sentences, ask))


async def _times(items: Sequence, ask: Callable[..., Awaitable[None]]) -> list[float]:
    for item in items[:WARM]:
        await ask(item)
    times = []
    for item in items:
        began = time.process_time()
        await ask(item)
        times.append(time.process_time() - began)
    return times


def _percentiles(name: str, seconds: Sequence[float]) -> dict[str, float]:
    middle, high = np.percentile(seconds, [50, 99])
    return {f"{name}_ms": _ms(middle), f"{name}_p99_ms": _ms(high)}


def _ms(seconds: float) -> float:
    return round(float(seconds) * 1000, 1)


def _resident_mb() -> int:
    with Path("/proc/self/statm").open() as file:
        return int(file.read().split()[1]) * resource.getpagesize() // 2**20


def _line(cells) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _keep(lines: Sequence[str]) -> None:
    git = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.check_output(git, text=True).strip()  # noqa: S603 - a fixed command
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(f"\n## pool, {time.strftime('%Y-%m-%d')}, {commit}\n\n")
        file.write(f"`benchmarks/pool_bench.py` on {machine}, numpy {np.__version__}.\n\n")
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
