"""What the demo prints at its end: figures, F1, and whether every promise was kept."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import jsonschema
import numpy as np
import orjson
from prometheus_client.parser import text_string_to_metric_families

from ner_core.evaluation.scores import Score, interval, score
from streams.client.files import Line
from streams.host.cpu import read_cpu
from streams.host.stage_series import field_of
from streams.terminal import Progress, table
from streams.wire.codec import encode
from streams.wire.entities import EntitiesRecord
from streams.wire.schemas import schema as schema_of

Gold = Mapping[str, set[tuple[str, int, int, str]]]


class Outcome(Protocol):
    """What came out of a feed."""

    records: dict[str, EntitiesRecord]
    repeats: int
    dead: list[str]
    latencies_s: list[float]
    seconds: float
    metrics: str


def summarise(progress: Progress, outcome: Outcome, lines: Sequence[Line], gold: Gold) -> bool:
    """Print the summary; return whether every document has one good record."""
    counts, processor = stage_counts(outcome.metrics), read_cpu()
    progress.log("summary", f"{processor.name}, {len(processor.cores)} cores, {processor.vectors}")
    progress.show(table(figures(outcome, counts)))
    progress.show(f"  {quality(outcome.records, gold)}")
    wrong = problems(outcome, lines)
    for problem in wrong:
        progress.log("WRONG", problem)
    if not wrong:
        progress.log("checked", "one valid record for each document; every mention at its offsets")
    return not wrong


def stage_counts(metrics: str) -> Counter[str]:
    """Return the worker's counts by field, summed over stages and models."""
    counts: Counter[str] = Counter()
    for family in text_string_to_metric_families(metrics):
        for sample in family.samples:
            if (field := field_of(sample.name, sample.labels)) is not None:
                counts[field] += int(sample.value)
                if sample.labels["stage"] in {"classify", "verify"}:
                    counts[f"later_{field}"] += int(sample.value)
            elif sample.name == "tagwire_sentences_total":
                counts["sentences"] += int(sample.value)
    return counts


def figures(outcome: Outcome, counts: Mapping[str, int]) -> dict[str, object]:
    """Return the lines of the summary."""
    sent, cached = counts["prompt_tokens"], counts["cached_tokens"]
    later = max(1, counts["later_prompt_tokens"])
    p50, p95 = np.percentile(outcome.latencies_s or [0.0], [50, 95])
    documents = len(outcome.records)
    return {
        "documents": f"{documents}, dead {len(outcome.dead)}, repeated {outcome.repeats}",
        "sentences": counts["sentences"],
        "entities": sum(len(record.entities) for record in outcome.records.values()),
        "rejected": f"{counts['rejected']} names that are not in their sentence",
        "abstained": f"{counts['abstained']} answers that could not be used",
        "speed": (
            f"{documents / outcome.seconds:.3f} documents/s, "
            f"{counts['sentences'] / outcome.seconds:.2f} sentences/s in {outcome.seconds:.0f} s"
        ),
        "latency": f"p50 {p50:.0f} s, p95 {p95:.0f} s (all documents were sent at once)",
        "requests": f"{counts['requests']}, of them answered by the cache {counts['cache_hits']}",
        "prompt tokens": (
            f"sent {sent}, cached {cached}, computed {sent - cached} "
            f"({(sent - cached) / outcome.seconds:.0f}/s)"
        ),
        "prefix cache": f"{counts['later_cached_tokens'] / later:.0%} of stages 3 and 4",
    }


def quality(records: Mapping[str, EntitiesRecord], gold: Gold) -> str:
    """Return the strict F1 on the documents that have gold entities, as text."""
    scores = [
        score(gold[name], {(e.field, e.start, e.end, e.type) for e in record.entities})
        for name, record in records.items()
        if name in gold
    ]
    if not scores:
        return "no document has gold entities"
    total = sum(scores, Score(0, 0, 0))
    low, high = interval(scores)
    return (
        f"F1 {100 * total.f1:.1f} (95% interval {100 * low:.0f} to {100 * high:.0f}; "
        f"P {100 * total.precision:.1f}, R {100 * total.recall:.1f}) "
        f"on {len(scores)} documents with gold; exact span and type, invented news"
    )


def problems(outcome: Outcome, lines: Sequence[Line]) -> list[str]:
    """Return what is wrong with the records, a line each."""
    sent = {line.id: orjson.loads(line.value) for line in lines}
    found = [f"{name} has no record" for name in sent if name not in outcome.records]
    found += [f"{name} is dead" for name in outcome.dead]
    schema = orjson.loads(schema_of("entities"))
    for name, record in outcome.records.items():
        found += _invalid(record, schema)
        found += _misplaced(record, sent[name])
    return found


def _invalid(record: EntitiesRecord, schema: Mapping[str, object]) -> Iterable[str]:
    value = orjson.loads(encode(record.model_dump()))
    errors = jsonschema.Draft202012Validator(schema).iter_errors(value)
    return [f"{record.document_id}: {error.message}" for error in errors]


def _misplaced(record: EntitiesRecord, document: Mapping[str, str]) -> Iterable[str]:
    return [
        f"{record.document_id}: {e.field}[{e.start}:{e.end}] is not {e.text!r}"
        for e in record.entities
        if document[e.field][e.start : e.end] != e.text
    ]
