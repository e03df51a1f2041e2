"""Named entities by spacy-llm: ``python -m peers.by_spacy_llm v2|v3``. Runs in ``.venv-peers``.

Its classes for OpenAI's API take an endpoint, but ask api.openai.com for the list of models first;
that question is left out here. Demonstrations get the reason that its own task gives examples
("is a person"). The task drops every line that it cannot read; an answer without a line that
it can read is a failure.
"""

import sys
from collections import defaultdict
from functools import partial

import spacy
from spacy.language import Language
from spacy_llm.models.rest.openai.model import OpenAI
from spacy_llm.registry import registry
from spacy_llm.tasks.span.examples import SpanReason

from peers.answers import Extract, UnreadableAnswerError, main
from peers.question import Entity, Question, Shown

_REQUEST_TIMEOUT_S = 600.0
"""As the SDK of OpenAI has it: a slow engine is asked once."""


class _Local(OpenAI):
    def _verify_auth(self) -> None:
        """Ask nobody: the address is fixed."""


@registry.llm_models("peers.Local.v1")
def _local(name: str, endpoint: str, max_tokens: int) -> OpenAI:
    return _Local(
        name=name,
        endpoint=endpoint,
        config={"temperature": 0.0, "max_tokens": max_tokens},
        strict=True,
        max_tries=1,
        interval=OpenAI.DEFAULT_INTERVAL,
        max_request_time=_REQUEST_TIMEOUT_S,
        context_length=None,
    )


def opened(version: str, question: Question) -> Extract:
    """Return what finds entities with a version of the task."""
    pipeline = spacy.blank("en")
    task = {
        "@llm_tasks": f"spacy.NER.{version}",
        "labels": [*question.types],
        "label_definitions": question.types,
        "examples": [_EXAMPLE[version](shown) for shown in question.demonstrations],
    }
    model = {
        "@llm_models": "peers.Local.v1",
        "name": question.model,
        "endpoint": f"{question.url}/chat/completions",
        "max_tokens": question.max_tokens,
    }
    pipeline.add_pipe("llm", config={"task": task, "model": model, "save_io": True})
    return partial(_extract, pipeline, partial(_READS[version], question.types))


def _extract(pipeline: Language, reads, sentence: str) -> list[Entity]:
    document = pipeline(sentence)
    answer = "\n".join(document.user_data["llm_io"]["llm"]["response"]).strip()
    if answer and not any(map(reads, answer.splitlines())):
        raise UnreadableAnswerError(answer)
    return [(e.start_char, e.end_char, e.label_) for e in document.ents]


def _with_lists(shown: Shown) -> dict[str, object]:
    surfaces: dict[str, list[str]] = defaultdict(list)
    for start, end, kind in shown["entities"]:
        surfaces[kind].append(shown["text"][start:end])
    return {"text": shown["text"], "entities": dict(surfaces)}


def _with_reasons(shown: Shown) -> dict[str, object]:
    spans = [
        {
            "text": shown["text"][start:end],
            "is_entity": True,
            "label": kind,
            "reason": f"is a {kind}",
        }
        for start, end, kind in shown["entities"]
    ]
    return {"text": shown["text"], "spans": spans}


def _reads_list(types: dict[str, str], line: str) -> bool:
    label, colon, _ = line.partition(":")
    return bool(colon) and label.strip().lower() in {name.lower() for name in types}


def _reads_reason(_: dict[str, str], line: str) -> bool:
    try:
        SpanReason.from_str(line)
    except ValueError:
        return False
    return True


_EXAMPLE = {"v2": _with_lists, "v3": _with_reasons}
_READS = {"v2": _reads_list, "v3": _reads_reason}

if __name__ == "__main__":
    main(partial(opened, sys.argv[1]))
