"""The command ``tagwire``."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from ner_core import __version__
from ner_core.errors import TagwireError
from ner_core.evaluation.scores import Nested
from streams.cli import commands
from streams.evaluation import runs as command
from streams.evaluation.asking import Choice
from streams.settings import load_settings
from streams.worker import app as worker_app

EXIT_FAILED = 1

cli = typer.Typer(
    name="tagwire",
    help="Named entities from a live feed, by an ensemble of small open language models.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
models = typer.Typer(help="The models of the ensemble file.", no_args_is_help=True)
demos = typer.Typer(help="The pool of demonstrations.", no_args_is_help=True)
topics = typer.Typer(help="The topics on the broker.", no_args_is_help=True)
cli.add_typer(models, name="models")
cli.add_typer(demos, name="demos")
cli.add_typer(topics, name="topics")

Source = Annotated[str, typer.Argument(help="a path, or - for standard input")]
EnsembleFile = Annotated[Path | None, typer.Option("--ensemble", help="ensemble file")]


def run(action: Callable[..., Coroutine[Any, Any, bool | None]], *arguments: object) -> None:
    """Run an action; an error of ours is one line, a false result is exit status 1."""
    try:
        result = asyncio.run(action(*arguments))
    except TagwireError as exc:
        Console(stderr=True, highlight=False).print(f"tagwire: {exc}", style="red", markup=False)
        raise typer.Exit(EXIT_FAILED) from exc
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    if result is False:
        raise typer.Exit(EXIT_FAILED)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tagwire {__version__}")
        raise typer.Exit


@cli.callback()
def main_options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="show it")
    ] = False,
) -> None:
    """Settings: tagwire.toml (or the file in TAGWIRE_CONFIG), and TAGWIRE_* variables over it."""


@cli.command()
def up() -> None:
    """Run broker, Redis, engines and a worker on this machine until Ctrl-C.

    Example: tagwire up
    """
    run(commands.up)


@cli.command()
def down() -> None:
    """End the `tagwire up` that runs on this machine.

    Example: tagwire down
    """
    run(commands.down)


@cli.command()
def demo(documents: Annotated[int, typer.Option(min=1, max=40)] = 8) -> None:
    """Tag the sample feed on a stack of its own, and sum up.

    Example: tagwire demo --documents 12
    """
    run(commands.demo, documents)


@cli.command()
def status() -> None:
    """Say how broker, Redis, engines, worker, lag and pool are; exit status 1 if not all well.

    Example: tagwire status
    """
    run(commands.status)


@cli.command()
def worker() -> None:
    """Read documents, tag them, write entities: one process, until SIGTERM.

    Example: TAGWIRE_BOOTSTRAP=kafka:9092 tagwire worker
    """
    worker_app.main()


@cli.command("gpu-worker")
def gpu_worker(ensemble: EnsembleFile = None) -> None:
    """Serve the models of an ensemble on this machine until SIGTERM.

    Example: tagwire gpu-worker --ensemble models/paper.toml
    """
    run(commands.gpu_worker, ensemble)


@cli.command()
def send(source: Source) -> None:
    """Send documents (JSON lines, plain or gzip) to the topic `documents`.

    Example: tagwire send examples/feed.jsonl
    """
    run(commands.send, source)


@cli.command()
def tail(
    json: Annotated[bool, typer.Option("--json", help="the records as they are")] = False,
    from_beginning: Annotated[bool, typer.Option("--from-beginning")] = False,
) -> None:
    """Show entities as they arrive.

    Example: tagwire tail --from-beginning
    """
    run(commands.tail, json, from_beginning)


@cli.command()
def tag(
    source: Source, limit: Annotated[int | None, typer.Option(min=1, help="documents")] = None
) -> None:
    """Tag a file without Kafka: text or JSON lines in, JSON lines out.

    Engines that do not run are started for it.

    Example: tagwire tag article.txt
    """
    run(commands.tag, source, limit)


@cli.command("eval")
def evaluate(  # noqa: PLR0913, PLR0917 - the switches of the command
    files: Annotated[list[Path], typer.Argument(help="labelled files: JSONL, CoNLL, brat")],
    demonstrations: Annotated[Path, typer.Option(help="labelled file to show sentences from")],
    labels: Annotated[Path | None, typer.Option(help="label set, TOML")] = None,
    ensemble: EnsembleFile = None,
    limit: Annotated[int | None, typer.Option(min=1, help="sentences of each file")] = None,
    seed: Annotated[int, typer.Option(help="of the sample")] = 0,
    nested: Annotated[Nested, typer.Option(help="of nested entities: all, or the outer")] = "flat",
    output: Annotated[Path, typer.Option(help="folder of report and kept answers")] = Path(
        "evaluation"
    ),
    json: Annotated[bool, typer.Option("--json", help="a line for each file")] = False,
    errors: Annotated[bool, typer.Option("--errors", help="what is missed, what invented")] = False,
    compare: Annotated[bool, typer.Option("--compare", help="with one thing changed each")] = False,
) -> None:
    """Measure the ensemble, its members and one single call each on labelled files.

    What was asked once is kept: a second run asks nothing, one that was cut off goes on.

    Example: tagwire eval dev.jsonl --demonstrations train.jsonl --limit 100
    """
    choice = Choice(demonstrations, labels, limit, seed, nested)

    async def action() -> None:
        chosen = [(file, choice) for file in files]
        if compare:
            await command.compare(chosen, ensemble, output)
            return
        (done,) = await command.evaluate(chosen, ensemble, output)
        if errors:
            command.show_errors(done)
        else:
            command.show(command.results_of(done), output, as_json=json)

    run(action)


@models.command("prepare")
def models_prepare(ensemble: EnsembleFile = None) -> None:
    """Check and unpack the models once.

    Example: tagwire models prepare --ensemble models/single.toml
    """
    run(commands.models_prepare, ensemble)


@models.command("list")
def models_list(ensemble: EnsembleFile = None) -> None:
    """List the models: state, size, place, licence.

    Example: tagwire models list
    """
    run(commands.models_list, ensemble)


@models.command("remove")
def models_remove(ensemble: EnsembleFile = None) -> None:
    """Take the unpacked models out of the cache.

    Example: tagwire models remove
    """
    run(commands.models_remove, ensemble)


@demos.command("load")
def demos_load(source: Source) -> None:
    """Send demonstrations (JSON lines) to the topic `demonstrations`.

    Example: tagwire demos load examples/demonstrations.jsonl
    """
    run(commands.demos_load, source)


@topics.command("create")
def topics_create() -> None:
    """Make the topics that are not there.

    Example: tagwire topics create
    """
    run(commands.topics_create)


def main() -> None:
    """Run the command line; a wrong setting is told before anything else happens."""
    try:
        load_settings()
    except TagwireError as exc:
        sys.exit(f"tagwire: {exc}")
    cli()


if __name__ == "__main__":
    main()
