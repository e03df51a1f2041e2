"""Train a LoRA adapter on labeled sentences.

    make train DATA=FOLDER [BASE=smollm2] [RUN=FOLDER] [STEPS=1400] [SEED=0] [START=FOLDER]

Goes on where an earlier run in the same folder was cut off. Writes the adapter in peft's layout, a
log and its curves; measures it on development sentences on the way.
"""

import argparse
import math
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer

from ner_core.ensemble import Backbone, load_ensemble
from ner_core.errors import TagwireError
from ner_core.types import Demonstration
from training.checkpoints import Checkpoints
from training.claim import claim
from training.curves import draw
from training.judge import Judge
from training.master_weights import MasterWeights
from training.model import loss_on, with_adapter
from training.needed import require
from training.place import Place, find_place
from training.progress import Progress
from training.sequences import Sequences
from training.sources import labeled_files, read_sources
from training.stream import Stream, loaded
from training.tokens import TOKENS, Batch, batches

_FRESH, _GOING_ON, _WARM_UP = 3.6e-4, 2e-4, 0.04
"""Highest learning rate of a fresh adapter, of one that was there; share of steps to get there."""
_JUDGES, _SAVED_EVERY, _JUDGED_EVERY = 10, 100, 1000
_HELD_OUT_SHARE, _LARGE = 50, 500
"""Every fiftieth sentence of a source is held out, none of a source with fewer than ``_LARGE``:
a text of one sentence shows nothing that its names could be learned from."""
_BASES = Path(__file__).with_name("bases")

_Sources = dict[str, Sequence[Demonstration]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is trained, how long, from where, and to where."""

    base: str
    models: Path
    data: Path
    run: Path
    steps: int
    seed: int
    tagwire: Path | None
    batch_tokens: int
    workers: int
    start: Path | None = None

    @property
    def template(self) -> Path:
        """Ensemble file of the base alone, with a place for the adapter's hash."""
        return _BASES / f"{self.base}.toml"

    @property
    def backbone(self) -> Backbone:
        """The base as the ensemble file has it."""
        return load_ensemble(self.template).backbone[0]

    @property
    def model(self) -> Path:
        """Folder of the base's unpacked weights."""
        weights = self.backbone.serve and self.backbone.serve.weights
        return self.models / f"{self.base}-{weights.sha256[:12] if weights else ''}"

    @property
    def judge(self) -> Judge | None:
        """What measures the adapter on the way; ``None``: nothing does."""
        return Judge(self.tagwire, self.template, self.data) if self.tagwire else None

    def require_files(self) -> None:
        """Check that all files are there that are needed now or at a measurement.

        Raises:
            ConfigurationError: some are not.
        """
        judged = self.judge.files if self.judge else []
        others = [self.start / "adapter_model.safetensors"] if self.start else []
        if self.tagwire:
            others.append(Path(shutil.which(self.tagwire) or self.tagwire))
        require([*labeled_files(self.data), *judged], self.model, others)

    @property
    def identity(self) -> dict[str, str | int]:
        """What cannot change when a run is resumed."""
        start = str(self.start.resolve()) if self.start else "a fresh adapter"
        data = str(self.data.resolve())
        return {"base": self.base, "start": start, "seed": self.seed, "data": data}

    def rate(self, step: int) -> float:
        """Return the learning rate of a step: a short rise, then a cosine to a twentieth.

        It grows with the square root of the batch (Malladi et al. 2022, for Adam).
        """
        highest = _GOING_ON if self.start else _FRESH
        highest *= math.sqrt(self.batch_tokens / TOKENS)
        if step < _WARM_UP * self.steps:
            return highest * (step + 1) / (_WARM_UP * self.steps)
        return highest * (0.525 + 0.475 * math.cos(math.pi * step / self.steps))


def train(plan: Plan) -> None:
    """Train until ``steps`` are done.

    Raises:
        ConfigurationError: a file is not there or cannot be read, the folder holds another run,
            or no adapter can be measured.
    """
    plan.require_files()
    claim(plan.run, plan.identity)
    sources = read_sources(plan.data)
    torch.manual_seed(plan.seed)
    place = find_place()
    print(f"computing on {place.device} in {place.dtype}", flush=True)
    model = with_adapter(plan.model, place, plan.start)
    weights = MasterWeights(model)
    checkpoints = Checkpoints(plan.run)
    progress = Progress(checkpoints, plan.steps, *checkpoints.load(weights))
    if progress.step >= plan.steps:
        print(f"all {plan.steps} steps are done already; for another run name RUN=folder (--run)")
        return
    stream, judges = _batches(plan, sources, progress.step)
    while progress.step < plan.steps:
        batch = next(stream)
        loss = _step(model, weights, batch, place, plan.rate(progress.step))
        progress.count(loss, batch.tokens)
        if progress.at(_SAVED_EVERY):
            checkpoints.save(progress.step, progress.tokens, model, weights)
            checkpoints.log(tokens=progress.tokens, held_out=_held_out_loss(model, judges, place))
            draw(plan.run / "curves.png", checkpoints.read_log())
        if plan.judge and progress.at(_JUDGED_EVERY):
            progress.tell_of(plan.judge.f1(plan.run))
    draw(plan.run / "curves.png", checkpoints.read_log())


def _batches(
    plan: Plan, sources: Mapping[str, Sequence[Demonstration]], first: int
) -> tuple[Iterator[Batch], Sequence[Batch]]:
    """Return what is trained on from step ``first``, and batches that only judge."""
    tokenizer = AutoTokenizer.from_pretrained(plan.model)
    shown, held_out = _parted(sources)
    control_tokens = plan.backbone.control_tokens
    seed = plan.seed + 1_000 * first
    stream = Stream(shown, control_tokens, tokenizer, seed=seed, tokens=plan.batch_tokens)
    judging = batches(Sequences(held_out, control_tokens, 0), tokenizer)
    return loaded(stream, plan.workers), [next(judging) for _ in range(_JUDGES)]


def _parted(sources: Mapping[str, Sequence[Demonstration]]) -> tuple[_Sources, _Sources]:
    """Return what is trained on, and what only judges."""
    large = {name: group for name, group in sources.items() if len(group) >= _LARGE}
    held_out: _Sources = {name: group[::_HELD_OUT_SHARE] for name, group in large.items()}
    shown: _Sources = {
        name: [s for i, s in enumerate(group) if name not in large or i % _HELD_OUT_SHARE]
        for name, group in sources.items()
    }
    return shown, held_out


def _step(
    model: Any,  # noqa: ANN401
    weights: MasterWeights,
    batch: Batch,
    place: Place,
    rate: float,
) -> float:
    model.train()
    loss = loss_on(model, batch, place)
    loss.backward()
    weights.step(rate)
    return float(loss.detach())


def _held_out_loss(model: Any, judges: Sequence[Batch], place: Place) -> float:  # noqa: ANN401
    model.eval()
    with torch.no_grad():
        return sum(float(loss_on(model, batch, place)) for batch in judges) / len(judges)


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", choices=("smollm2", "gemma"), default="smollm2")
    parser.add_argument("--models", type=Path, required=True, help="folder of unpacked models")
    parser.add_argument("--data", type=Path, required=True, help="folder of labeled files")
    parser.add_argument("--run", type=Path, required=True, help="folder of the run")
    parser.add_argument("--steps", type=int, default=1400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--batch-tokens", type=int, default=TOKENS, help="more on a GPU: 16384")
    parser.add_argument("--workers", type=int, default=0, help="processes that make batches")
    parser.add_argument("--tagwire", type=Path, help="the command that judges; none: no judging")
    parser.add_argument("--start", type=Path, help="folder of the adapter to start from")
    try:
        train(Plan(**vars(parser.parse_args())))
    except TagwireError as exc:
        sys.exit(str(exc))


if __name__ == "__main__":
    main()
