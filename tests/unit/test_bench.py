"""The records of the benchmarks: the same for the same seed, and of the size that they say."""

import os
import signal
import subprocess
import sys

from bench import texts
from bench.results import table

from ner_core.text.sentences import split
from ner_core.types import Document

PATHS = os.pathsep.join(sys.path)


def made(number, seed):
    return [document["text"] for document in texts.documents(number, seed)]


def test_a_seed_gives_the_same_documents_whatever_their_number():
    assert made(5, 1) == made(9, 1)[:5]
    assert made(5, 1) != made(5, 2)


def test_a_document_has_five_sentences():
    for text in made(50, 1):
        document = Document("x", text)
        sentences = split(document, max_chars=1000, overlap_chars=100, whole_fields=False)
        assert len(sentences) == texts.SENTENCES


def test_no_document_repeats():
    assert len(set(made(500, 1))) == 500


def test_a_table_is_markdown():
    assert table(("a", "b"), [("1", "2")]) == "| a | b |\n|---|---|\n| 1 | 2 |"


ENDLESS = """
import asyncio, types
from bench import __main__ as bench

async def run(options):
    print("begun", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        print("ended", flush=True)

endless = types.SimpleNamespace(run=run, add_options=lambda parser: None)
bench.BENCHMARKS.update(endless=endless)
bench.main()
"""


def test_a_benchmark_ends_what_it_started_on_sigterm():
    command = [sys.executable, "-c", ENDLESS, "endless"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with subprocess.Popen(command, **pipes, env={**os.environ, "PYTHONPATH": PATHS}) as process:
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == "ended\n"
        assert process.wait() != 0
