"""The command ``eval``."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from streams.cli.dispatch import run
from streams.cli.options import EnsembleFile

commands = typer.Typer()


@commands.command("eval")
def evaluate(  # noqa: PLR0913, PLR0917 - the switches of the command
    files: Annotated[list[Path], typer.Argument(help="labeled files: JSON, CoNLL, brat")],
    demonstrations: Annotated[Path, typer.Option(help="labeled file to take demonstrations from")],
    labels: Annotated[Path | None, typer.Option(help="label set, TOML")] = None,
    ensemble: EnsembleFile = None,
    limit: Annotated[int | None, typer.Option(min=1, help="sentences of each file")] = None,
    seed: Annotated[int, typer.Option(help="of the sample")] = 0,
    nested: Annotated[
        Literal["flat", "keep"], typer.Option(help="nested entities: the outermost, or all")
    ] = "flat",
    output: Annotated[Path, typer.Option(help="folder of report and stored answers")] = Path(
        "evaluation"
    ),
    json: Annotated[bool, typer.Option("--json", help="print one line per file")] = False,
    errors: Annotated[
        bool, typer.Option("--errors", help="print missed and invented entities")
    ] = False,
    compare: Annotated[
        bool, typer.Option("--compare", help="repeat with one thing changed at a time")
    ] = False,
) -> None:
    """Measure the ensemble on labeled files.

    The report has a row for the ensemble, each member alone and a single call of each. Answers
    are stored: a second run asks nothing again, and an interrupted run resumes.

    Example: tagwire eval dev.jsonl --demonstrations train.jsonl --limit 100
    """

    async def action() -> None:
        from streams.evaluation import runs
        from streams.evaluation.tasks import Choice

        chosen = [(file, Choice(demonstrations, labels, limit, seed, nested)) for file in files]
        if compare:
            await runs.compare(chosen, ensemble, output)
            return
        (done,) = await runs.evaluate(chosen, ensemble, output)
        if errors:
            runs.show_errors(done)
        else:
            runs.show(runs.results_of(done), output, as_json=json)

    run(action)
