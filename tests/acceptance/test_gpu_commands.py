"""The commands for a GPU of every shipped ensemble, read by vLLM's own argument parser."""

import json
import subprocess
from pathlib import Path

import pytest
from support import ROOT

from ner_core.ensemble import load_ensemble
from streams.host.cpu import read_cpu
from streams.serving.memory import GIB, memory_of
from streams.serving.plan import gpu_shares, planned
from streams.serving.vllm_command import Build, Machine, by_port, engine_processes

pytestmark = pytest.mark.acceptance

PYTHON = ROOT / ".venv-vllm" / "bin" / "python"
PARSE = """
import json, sys
from vllm.entrypoints.launchers.cli_args import make_arg_parser, validate_parsed_serve_args
from vllm.utils.argparse_utils import FlexibleArgumentParser
parser = make_arg_parser(FlexibleArgumentParser())
parsed = [parser.parse_args(command) for command in json.load(sys.stdin)]
for options in parsed:
    validate_parsed_serve_args(options)
kept = ("port", "served_model_name", "gpu_memory_utilization", "kv_cache_memory_bytes")
print(json.dumps([{name: getattr(options, name) for name in kept} for options in parsed]))
"""


def shared(name):
    """The engines of an ensemble on a card of 80 GiB, each with its share."""
    models = load_ensemble(ROOT / "models" / f"{name}.toml").models
    cache = Path("/cache")
    plan = planned([memory_of(group, cache) for group in by_port(models)], [80 * GIB])
    machine = Machine(Build(PYTHON, on_cpu=False), read_cpu(), cache, "127.0.0.1")
    engines = engine_processes(models, machine, gpu_shares(plan))
    return list(zip(engines, plan.shares, strict=True))


def test_vllm_reads_every_command_for_a_gpu_as_it_was_meant():
    wanted = [pair for name in ("adapted", "embedded", "single", "paper") for pair in shared(name)]
    argv = [engine.command[3:] for engine, _ in wanted]  # after: python -m server
    done = subprocess.run(
        [PYTHON, "-c", PARSE], input=json.dumps(argv), capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr[-2000:]
    parsed = json.loads(done.stdout.splitlines()[-1])
    for (engine, share), options in zip(wanted, parsed, strict=True):
        assert options["port"] == engine.port
        assert options["served_model_name"][0].startswith(engine.name)
        assert options["gpu_memory_utilization"] == pytest.approx(share.of_card)
        assert options["kv_cache_memory_bytes"] == (share.kv_bytes or None)
