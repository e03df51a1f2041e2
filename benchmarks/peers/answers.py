"""Asks a tool about every sentence and writes a JSON line for each. Runs in ``.venv-peers``."""

import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from peers.question import Entity, Line, Question, loaded

AT_ONCE = 8
_SHOWN_CHARS = 200

Extract = Callable[[str], list[Entity]]
"""What a tool does: it finds entities in a sentence, or raises."""


class UnreadableAnswerError(Exception):
    """A tool dropped the whole answer of the model, because it is not in the requested format."""


def main(opened: Callable[[Question], Extract]) -> None:
    """Read a question from standard input, and write its lines to standard output."""
    question = loaded(sys.stdin.read())
    for line in lines(opened(question), question.sentences):
        print(json.dumps(line), flush=True)


def lines(extract: Extract, sentences: list[str]) -> Iterator[Line]:
    """Yield what was found in each sentence, in order; some are asked about at once."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        yield from threads.map(partial(_line, extract), sentences)


def _line(extract: Extract, sentence: str) -> Line:
    try:
        return {"entities": extract(sentence), "failure": None}
    except Exception as exc:  # noqa: BLE001 - whatever a tool raises, it failed at this sentence
        return {"entities": [], "failure": f"{type(exc).__name__}: {exc}"[:_SHOWN_CHARS]}
