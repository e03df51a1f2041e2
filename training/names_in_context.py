"""Train the encoder of stage 1 to tell the types of mentions by the words around them.

    make encoder DATA=FOLDER [RUN=FOLDER]

Takes one core for about 45 minutes; writes the adapter and a log of JSON lines to RUN.
"""

import argparse
import sys
import time
from itertools import islice
from pathlib import Path

import orjson
import torch

from ner_core.errors import TagwireError
from training.context_encoder import ContextEncoder
from training.encoder_folder import encoder_folder
from training.mentions import batches
from training.needed import require
from training.sources import labeled_files, read_sources

_RATE, _LEAST_SHARE, _WARM_UP = 1e-3, 0.02, 50
_LOGGED_EVERY = 20


def train(data: Path, models: Path, run: Path, steps: int, seed: int) -> None:
    """Train, log every twentieth step, and write the adapter.

    Raises:
        ConfigurationError: a file is not there, or cannot be read.
    """
    require(labeled_files(data), encoder_folder(models))
    sources = read_sources(data)
    torch.manual_seed(seed)
    run.mkdir(parents=True, exist_ok=True)
    model = ContextEncoder(encoder_folder(models), rate=_RATE)
    began = time.monotonic()
    with (run / "log.jsonl").open("wb") as log:
        for step, batch in enumerate(islice(batches(sources, seed), steps)):
            share = min(1.0, (step + 1) / _WARM_UP) * max(_LEAST_SHARE, 1 - step / steps)
            loss, moved = model.learn(batch, share)
            if step % _LOGGED_EVERY == 0:
                line = {"step": step, "loss": round(loss, 4), "moved": round(moved, 4)}
                log.write(orjson.dumps(line) + b"\n")
                left_min = (time.monotonic() - began) / (step + 1) * (steps - step) / 60
                print(
                    f"step {step} of {steps}  loss {loss:.3f}  {left_min:.0f} min left", flush=True
                )
    model.save(run / "adapter")


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of labeled files")
    parser.add_argument("--models", type=Path, required=True, help="folder of unpacked models")
    parser.add_argument("--run", type=Path, required=True, help="folder of the run")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    try:
        train(**vars(parser.parse_args()))
    except TagwireError as exc:
        sys.exit(str(exc))


if __name__ == "__main__":
    main()
