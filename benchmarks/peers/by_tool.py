"""Named entities by another tool, in a process of its environment, ``.venv-peers``."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

from ner_core.errors import ConfigurationError
from ner_core.types import Demonstration
from peers.by_tagwire import Answered, counting
from peers.question import Line, Question
from streams.evaluation.tasks import Task

HERE = Path(__file__).parents[1]
PYTHON = HERE.parent / ".venv-peers" / "bin" / "python"
TOOLS: Mapping[str, Sequence[str]] = {
    "spacy-llm, NER.v3": ("peers.by_spacy_llm", "v3"),
    "spacy-llm, NER.v2": ("peers.by_spacy_llm", "v2"),
    "LangExtract": ("peers.by_langextract",),
}
MAX_TOKENS = 512


def question(task: Task, drawn: Sequence[Demonstration], model: str, url: str) -> Question:
    """Return what a tool is asked; types have the names that models are shown."""
    names = dict(zip(task.labels.ids, task.labels.names, strict=True))
    return Question(
        url=url,
        model=model,
        max_tokens=MAX_TOKENS,
        types={kind.name: kind.definition for kind in task.labels.types},
        demonstrations=[
            {
                "text": one.text,
                "entities": [(e.span.start, e.span.end, names[e.type]) for e in one.entities],
            }
            for one in drawn
        ],
        sentences=[query.text for query in task.queries],
    )


async def lines_of(program: Sequence[str], asked: Question) -> list[Line]:
    """Run a tool and return what it found, sentence by sentence."""
    local = {"OPENAI_API_KEY": "none", "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    process = await asyncio.create_subprocess_exec(
        *(str(PYTHON), "-m", *program),
        cwd=HERE,
        env={**os.environ, **local},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        written, _ = await process.communicate(asked.dumped().encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    lines = [orjson.loads(line) for line in written.splitlines()]
    if process.returncode or len(lines) != len(asked.sentences):
        msg = (
            f"{' '.join(program)} ended with status {process.returncode} after {len(lines)} of "
            f"{len(asked.sentences)} sentences"
        )
        raise ConfigurationError(msg)
    return lines


def read(task: Task, line: Line) -> Answered:
    """Return what a tool found, in the ids of the types; unknown names are no entities."""
    typed = ((start, end, task.labels.id_of(name)) for start, end, name in line["entities"])
    known = [(start, end, kind) for start, end, kind in typed if kind in task.labels.ids]
    return Answered(counting(task, known), line["failure"])
