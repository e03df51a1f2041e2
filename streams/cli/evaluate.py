"""The command ``eval``."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from streams.cli.dispatch import run
from streams.cli.options import EnsembleFile

commands = typer.Typer()

Limit = Annotated[
    int | None, typer.Option(min=1, help="sentences of each file; documents stay whole")
]
Pool = Annotated[
    int | None, typer.Option(min=0, help="demonstrations to choose from; default: all")
]
By = Annotated[
    Literal["document", "sentence"],
    typer.Option(help="what is tagged as a whole, if the file states its documents"),
]


@commands.command("eval")
def evaluate(  # noqa: PLR0913, PLR0917 - the switches of the command
    files: Annotated[list[Path], typer.Argument(help="labeled files: JSON, CoNLL, brat")],
    demonstrations: Annotated[Path, typer.Option(help="labeled file to take demonstrations from")],
    labels: Annotated[Path | None, typer.Option(help="label set, TOML")] = None,
    ensemble: EnsembleFile = None,
    limit: Limit = None,
    pool: Pool = None,
    by: By = "document",
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

        choice = Choice(demonstrations, labels, limit, seed, nested, by, pool)
        chosen = [(file, choice) for file in files]
        if compare:
            await runs.compare(chosen, ensemble, output)
            return
        (done,) = await runs.evaluate(chosen, ensemble, output)
        if errors:
            runs.show_errors(done)
        else:
            runs.show(runs.results_of(done), output, as_json=json)

    run(action)
