"""What share of the engines' CPU time the worker takes: the adapted ensemble on real vLLM.

The documents are those of the sample feed. Engines and worker share the processors of one machine,
so their CPU times compare, whatever else runs.
"""

import argparse
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import orjson
from chaos.engines import real_ensemble
from support import ROOT
from support.stack import running_stack

from bench import records
from bench.records import Records
from bench.results import Result, table
from ner_core.ensemble import load_ensemble
from streams.host.service import Change
from streams.serving.app import running_models, without_url
from streams.terminal import Progress

FEED = ROOT / "examples" / "feed.jsonl"
WARM_UP = 2
"""Documents that are not measured."""
HEAD = ("documents", "worker, CPU s", "engines, CPU s", "worker / engines, %")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--documents", type=int, default=8, help="that are measured")


async def run(options: argparse.Namespace) -> Result:
    """Tag documents of the feed, and compare what the worker took with what the engines took."""
    documents = _documents(WARM_UP + options.documents)
    changes: dict[str, Change] = {}

    def changed(change: Change) -> None:
        changes[change.service.name] = change

    with tempfile.TemporaryDirectory(prefix="bench-") as name, Progress() as progress:
        folder = Path(name)
        file = real_ensemble(folder)
        async with running_stack(folder, options.kind, ensemble=str(file)) as stack:
            served = without_url(load_ensemble(file))
            async with running_models(served, stack.settings, progress, changed):
                await stack.start_worker()
                source, target = stack.settings.documents_topic, stack.settings.entities_topic
                await records.send(stack, source, documents[:WARM_UP])
                await records.arrived(stack, target, WARM_UP)
                before = records.cpu_s(stack.worker), _sessions_cpu_s(changes)
                await records.send(stack, source, documents[WARM_UP:])
                await records.arrived(stack, target, len(documents))
                after = records.cpu_s(stack.worker), _sessions_cpu_s(changes)
    number = len(documents) - WARM_UP
    return _result(number, options.kind, after[0] - before[0], after[1] - before[1])


def _documents(number: int) -> Records:
    lines = FEED.read_bytes().splitlines()[:number]
    return [(orjson.loads(line)["id"].encode(), line) for line in lines]


def _sessions_cpu_s(engines: Mapping[str, Change]) -> float:
    """Return the CPU time of all processes of the engines, each the leader of a session.

    Raises:
        RuntimeError: an engine restarted; nobody knows what its first process took.
    """
    if restarted := [name for name, change in engines.items() if change.restarts]:
        msg = f"{', '.join(restarted)} restarted; measure again"
        raise RuntimeError(msg)
    leaders = {change.pid for change in engines.values()}
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):  # it ended meanwhile
            fields = stat.read_text("utf-8").rpartition(")")[2].split()
            if int(fields[3]) in leaders:
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _result(number: int, kind: str, worker_s: float, engines_s: float) -> Result:
    percent = 100 * worker_s / engines_s
    row = (str(number), f"{worker_s:.1f}", f"{engines_s:.1f}", f"{percent:.1f}")
    command = f"make bench BENCH='share --documents {number}' on {kind}"
    figures = f"worker {worker_s:.1f} s, engines {engines_s:.1f} s of CPU: {percent:.1f} %"
    return Result(table(HEAD, [row]), command, figures)
