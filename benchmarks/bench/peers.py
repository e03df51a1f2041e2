"""spacy-llm, LangExtract and Tagwire with the same model, sentences and demonstrations.

Every tool asks one engine through a proxy that counts its requests and the tokens of the answers,
eight sentences at once. The tools are shown the same 8 demonstrations, drawn from the pool; Tagwire
is measured with these and, as it is used, with 8 of the pool for each sentence. Its questions are
chat (as those of the tools are) or patterns to continue. Answers of the tools end after 512
tokens, those of Tagwire after 160, its default. The last row is the ensemble that Tagwire ships.

What a tool raises or cannot read is a failure: that sentence has no entities. A sentence at which
one of Tagwire's models abstains is one too, and keeps what the others found. Tagwire's encoder is
a model of its own, which the tools do not need: its tokens, with those of the pool, are a column.
"""

import argparse
import random
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from peers.by_tagwire import Answered, answered, counting
from peers.by_tool import PYTHON, TOOLS, lines_of, question, read
from peers.counter import Counter, Counts
from sets import SETS, job

from bench.results import Result, table
from ner_core.engines import url_of
from ner_core.ensemble import Backbone, Ensemble, load_ensemble
from ner_core.errors import ConfigurationError
from ner_core.evaluation.scores import Figures, figures
from ner_core.types import Demonstration
from streams.evaluation.tasks import Task, task_of
from streams.local.engines import engines_there
from streams.settings import load_settings
from streams.terminal import Progress

HERE = Path(__file__).parents[1]
ROOT = HERE.parent
ALONE = HERE / "peers" / "smollm2.toml"
SHIPPED = ROOT / "models" / "adapted.toml"
DEMONSTRATIONS = 8
HEAD = (
    "set", "tool", "requests", "prompt tokens", "computed", "completion tokens", "encoder tokens",
    "failures", "F1",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """What a tool did with a set of so many sentences."""

    task: str
    tool: str
    sentences: int
    counts: Counts
    encoder: Counts
    failures: int
    scores: Figures

    def cells(self) -> tuple[str, ...]:
        """Return the figures of the table; requests and tokens are per sentence."""
        c, s = self.counts, self.scores
        each = (c.prompt_tokens, c.computed_tokens, c.completion_tokens, self.encoder.prompt_tokens)
        return (
            self.task, self.tool, f"{c.requests / self.sentences:.1f}",
            *(f"{number / self.sentences:.0f}" for number in each),
            str(self.failures), f"{s.f1:.1f} ({s.low:.1f} to {s.high:.1f})",
        )  # fmt: skip


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--data", type=Path, required=True, help="absolute path of a folder")
    parser.add_argument(
        "--sets", nargs="+", choices=[*SETS], default=["uner_en_ewt.test", "crossner_politics.dev"]
    )
    parser.add_argument("--sentences", type=int, default=100, help="of each set")
    parser.add_argument("--seed", type=int, default=1, help="draws the demonstrations")


async def run(options: argparse.Namespace) -> Result:
    """Ask every tool about every set, then the shipped ensemble."""
    if not PYTHON.exists():
        msg = f"{PYTHON} is missing: create the tools' environment with `make .venv-peers/ready`"
        raise ConfigurationError(msg)
    tasks = [task_of(*job(options.data, name, options.sentences)) for name in options.sets]
    rows = await _alone(tasks, options.seed) + await _shipped(tasks)
    cells = [row.cells() for row in sorted(rows, key=lambda row: options.sets.index(row.task))]
    command = (
        f"make bench BENCH='peers --data FOLDER --sets {' '.join(options.sets)} "
        f"--sentences {options.sentences} --seed {options.seed}'"
    )
    return Result(table(HEAD, cells), command, shown(cells))


def shown(cells: Sequence[Sequence[str]]) -> str:
    """Return the rows in one line."""
    return "; ".join(
        f"{name}, {tool}: {requests} requests, {prompt} prompt tokens ({computed} computed), "
        f"{completion} completion, {encoder} of the encoder, {failures} failures, F1 {f1}"
        for name, tool, requests, prompt, computed, completion, encoder, failures, f1 in cells
    )


async def _alone(tasks: Sequence[Task], seed: int) -> list[Row]:
    """Ask all tools, with one model."""
    ensemble = load_ensemble(ALONE)
    async with AsyncExitStack() as exits:
        await _serve(exits, ALONE)
        engines = await Engines.opened(exits, ensemble)
        rows = []
        for task in tasks:
            drawn = demonstrations(task, seed)
            for tool, program in TOOLS.items():
                rows.append(await engines.ask_tool(tool, program, task, drawn))
            for style in ("chat", "pattern"):
                one = _in_style(engines.ensemble, style)
                same = replace(task, pool=drawn)
                rows.append(await engines.ask_tagwire(f"Tagwire, {style}", one, same))
                rows.append(await engines.ask_tagwire(f"Tagwire, {style}, pool", one, task))
    return rows


async def _shipped(tasks: Sequence[Task]) -> list[Row]:
    ensemble = load_ensemble(SHIPPED)
    async with AsyncExitStack() as exits:
        await _serve(exits, SHIPPED)
        engines = await Engines.opened(exits, ensemble)
        name = f"Tagwire, {ensemble.name}, pool"
        return [await engines.ask_tagwire(name, engines.ensemble, task) for task in tasks]


async def _serve(exits: AsyncExitStack, file: Path) -> None:
    settings = load_settings(ensemble=file, redis_url="")
    progress = exits.enter_context(Progress())
    await exits.enter_async_context(engines_there(settings, progress))


def _in_style(ensemble: Ensemble, style: str) -> Ensemble:
    changed = [Backbone.model_copy(b, update={"style": style}) for b in ensemble.backbone]
    return ensemble.model_copy(update={"backbone": tuple(changed)})


def demonstrations(task: Task, seed: int) -> tuple[Demonstration, ...]:
    """Return demonstrations with entities, drawn from the pool of a task."""
    drawn = random.Random(seed)  # noqa: S311 - no secret
    named = [one for one in task.pool if one.entities]
    return tuple(drawn.sample(named, min(DEMONSTRATIONS, len(named))))


@dataclass(frozen=True)
class Engines:
    """An ensemble whose models are reached through counters."""

    ensemble: Ensemble
    backbones: Sequence[Counter]
    encoder: Counter

    @classmethod
    async def opened(cls, exits: AsyncExitStack, ensemble: Ensemble) -> "Engines":
        """Put a counter in front of every engine, which must run."""
        host = load_settings().engine_host
        counters = [
            await exits.enter_async_context(Counter(url_of(model, host)))
            for model in ensemble.models
        ]
        *backbones, encoder = counters
        own = [
            model.model_copy(update={"url": counter.url})
            for model, counter in zip(ensemble.models, counters, strict=True)
        ]
        update = {"backbone": tuple(own[:-1]), "embedder": own[-1]}
        return cls(ensemble.model_copy(update=update), backbones, encoder)

    def reset(self) -> None:
        """Begin to count."""
        for counter in (*self.backbones, self.encoder):
            counter.reset()

    async def ask_tool(
        self, tool: str, program: Sequence[str], task: Task, drawn: Sequence[Demonstration]
    ) -> Row:
        """Have a tool answer in its own process."""
        (model,), (counter,) = self.ensemble.backbone, self.backbones
        self.reset()
        lines = await lines_of(program, question(task, drawn, model.name, counter.url))
        return self._row(tool, task, [read(task, line) for line in lines])

    async def ask_tagwire(self, name: str, ensemble: Ensemble, task: Task) -> Row:
        """Have an ensemble answer; its probes of the engines are not counted."""
        return self._row(name, task, await answered(ensemble, task, self.reset))

    def _row(self, name: str, task: Task, answers: Sequence[Answered]) -> Row:
        counts = sum((counter.counts for counter in self.backbones), Counts())
        failures = [answer.failure for answer in answers if answer.failure]
        for failure in failures[:3]:
            print(f"{task.name}, {name}: {failure!r}", file=sys.stderr)
        gold = [
            counting(task, [(e.span.start, e.span.end, e.type) for e in query.entities])
            for query in task.queries
        ]
        pairs = [(g, answer.found) for g, answer in zip(gold, answers, strict=True)]
        row = Row(
            task.name, name, len(pairs), counts, self.encoder.counts, len(failures), figures(pairs)
        )
        print(" | ".join(row.cells()), file=sys.stderr)  # the run is long
        return row
