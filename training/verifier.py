"""Train a verifier on an ensemble's own mistakes, and judge it on sets it was not trained on.

    make verifier DATA=FOLDER [RUN=FOLDER]

First it learns from questions made of labeled sentences; then, once for each set of the judged
file, from the ensemble's mistakes in all other sets. Writes P(answer) for every span of a set to
``verdicts-SET.jsonl``, by the verifier that saw nothing of that set; at the end it trains on all
sets, for use. What an interrupted run has done is not done again.
"""

import argparse
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import torch

from ner_core.errors import TagwireError
from ner_core.evaluation.mistakes import Judged, read_judged
from ner_core.labels import load_label_set
from training.claim import claim
from training.cross_encoder import CrossEncoder
from training.encoder_folder import encoder_folder
from training.needed import require
from training.questions import MadeQuestions, Question, about
from training.sources import labeled_files, read_sources

_BATCH, _EPOCHS = 32, 2
_MADE_RATE, _OWN_RATE = 1e-3, 3e-4
_SAVED_EVERY = 25
_LABEL_SETS = Path(__file__).parents[1] / "benchmarks" / "label_sets"
_DEFINED = ("btc_merged", "crossner_ai", "crossner_music", "gum_open", "uner_en_ewt", "wnut17")
"""Label sets of the training sources that have definitions."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is trained, on what, with how many made batches, and to where."""

    data: Path
    judged: Path
    models: Path
    run: Path
    made: int
    seed: int


def train(plan: Plan) -> None:
    """Train, and write verdicts and the verifier.

    Raises:
        ConfigurationError: a file is not there or cannot be read, or the folder holds another run.
    """
    require(labeled_files(plan.data), encoder_folder(plan.models), [plan.judged])
    judged = read_judged(plan.judged)
    claim(plan.run, {"seed": plan.seed, "data": str(plan.data.resolve())})
    torch.manual_seed(plan.seed)
    encoder = CrossEncoder(encoder_folder(plan.models))
    _learn_made(encoder, plan)
    made = encoder.state()
    for name in sorted({one.set for one in judged}):
        path = plan.run / f"verdicts-{name}.jsonl"
        if not path.exists():
            _learn_own(encoder, made, [one for one in judged if one.set != name], plan.seed)
            _write(path, encoder, [one for one in judged if one.set == name])
    _learn_own(encoder, made, judged, plan.seed)
    encoder.save(plan.run / "verifier")


def _learn_made(encoder: CrossEncoder, plan: Plan) -> None:
    """Learn from made questions, from where an interrupted run was."""
    path = plan.run / "made.pt"
    saved = torch.load(path, weights_only=True) if path.exists() else None
    first = encoder.resume(saved) if saved else 0
    questions = iter(MadeQuestions(read_sources(plan.data), _definitions(), plan.seed + first))
    for step in range(first, plan.made):
        batch = [next(questions) for _ in range(_BATCH)]
        loss = encoder.learn(batch, _MADE_RATE * (1 - step / plan.made))
        if (step + 1) % _SAVED_EVERY == 0 or step + 1 == plan.made:
            torch.save(encoder.checkpoint(step + 1), path.with_suffix(".part"))
            path.with_suffix(".part").replace(path)
            print(f"made questions: step {step + 1} of {plan.made}  loss {loss:.3f}", flush=True)


def _learn_own(
    encoder: CrossEncoder, start: Mapping[str, Any], judged: Sequence[Judged], seed: int
) -> None:
    """Start from weights, and learn from every question about the judged sentences twice."""
    encoder.start(start)
    batches = list(_batches(judged, seed))
    for step, batch in enumerate(batches):
        loss = encoder.learn(batch, _OWN_RATE * (1 - step / len(batches)))
        if step % _SAVED_EVERY == 0:
            print(f"own mistakes: step {step} of {len(batches)}  loss {loss:.3f}", flush=True)


def _batches(judged: Sequence[Judged], seed: int) -> Iterator[list[Question]]:
    """Yield the questions in random order, once with the types in each order."""
    asked = [about(case, one.text, one.labels) for one in judged for case in one.cases]
    chance = random.Random(seed)  # noqa: S311 - a sample, no secrets
    for epoch in range(_EPOCHS):
        turned = [q.turned if (i + epoch) % 2 else q for i, q in enumerate(asked)]
        chance.shuffle(turned)
        yield from (turned[at : at + _BATCH] for at in range(0, len(turned), _BATCH))


def _write(path: Path, encoder: CrossEncoder, judged: Sequence[Judged]) -> None:
    """Write a line for every sentence: P(answer) of each of its spans, in order; all or nothing."""
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        for one in judged:
            verdicts = encoder.answers([about(case, one.text, one.labels) for case in one.cases])
            file.write(orjson.dumps([one.text, verdicts.round(5).tolist()]) + b"\n")
    part.replace(path)


def _definitions() -> dict[str, str]:
    sets = [load_label_set(_LABEL_SETS / f"{name}.toml") for name in _DEFINED]
    return {kind.id: kind.definition for labels in sets for kind in labels.types}


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of labeled files")
    parser.add_argument("--judged", type=Path, required=True, help="file of mistakes.py")
    parser.add_argument("--models", type=Path, required=True, help="folder of unpacked models")
    parser.add_argument("--run", type=Path, required=True, help="folder of the run")
    parser.add_argument("--made", type=int, default=600, help="batches of made questions")
    parser.add_argument("--seed", type=int, default=0)
    try:
        train(Plan(**vars(parser.parse_args())))
    except TagwireError as exc:
        sys.exit(str(exc))


if __name__ == "__main__":
    main()
