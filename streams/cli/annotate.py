"""The commands ``annotate export`` and ``annotate import``: a round trip with Label Studio."""

from typing import TYPE_CHECKING

import typer

from streams.cli.dispatch import EXIT_FAILED, run
from streams.cli.export import (
    STDOUT,
    Documents,
    Output,
    Reading,
    Records,
    Since,
    Until,
    require_another,
    write,
    written,
)
from streams.cli.options import Source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ner_core.labels import LabelSet
    from streams.export.exported import Exported
    from streams.export.tagged import Tagged

commands = typer.Typer(help="Have people correct what was found.", no_args_is_help=True)


@commands.callback()
def _annotate() -> None:
    """Have people correct what was found."""


@commands.command("export")
def export_tasks(
    records: Records,
    output: Output,
    documents: Documents = None,
    since: Since = None,
    until: Until = None,
) -> None:
    """Write tasks for Label Studio, with what was found as predictions, the most doubtful first.

    Prints the labeling interface that the project in Label Studio needs.

    Example: tagwire annotate export entities.jsonl --documents feed.jsonl -o tasks.json
    """
    if output == STDOUT:
        msg = "the labeling interface is printed there; name a file"
        raise typer.BadParameter(msg, param_hint="--output")
    run(lambda: _export(Reading(records, documents, since, until), output))


async def _export(reading: Reading, output: "Path") -> int:
    from ner_core.labels import LiveLabelSets
    from streams.export.label_studio import interface, label_studio
    from streams.settings import load_settings
    from streams.terminal import write_text

    label_sets = LiveLabelSets(load_settings().label_sets)

    def tasks(tagged: "Sequence[Tagged]") -> "Exported":
        write_text(interface(_types(tagged, label_sets)))
        return label_studio(tagged)

    return await written(reading, output, tasks)


def _types(tagged: "Sequence[Tagged]", label_sets: "Mapping[str, LabelSet]") -> list[str]:
    """Return the types that were asked for and those that were found."""
    import structlog

    from streams.terminal import clean

    types = {e.type for one in tagged for e in one.record.entities}
    for name in sorted({one.record.label_set for one in tagged}):
        if name in label_sets:
            types.update(label_sets[name].ids)
        else:
            structlog.get_logger().warning(
                "label set unknown here; of its types, only those that were found are labels",
                label_set=clean(name),
                known=", ".join(label_sets),
            )
    return sorted(types)


@commands.command("import")
def import_tasks(source: Source, output: Output) -> None:
    """Make demonstrations of the sentences that people corrected in Label Studio.

    Reads its exports JSON and JSON-MIN.

    Example: tagwire annotate import project.json -o corrections.jsonl
    """
    run(lambda: _import(source, output))


async def _import(source: str, output: "Path") -> int:
    from streams.client.corrections import corrections
    from streams.terminal import Progress, clean
    from streams.wire.demonstrations import encode_demonstration

    require_another(output, source)
    found = corrections(source)
    lines = [encode_demonstration(demonstration) + b"\n" for demonstration in found.demonstrations]
    write(output, b"".join(lines))
    with Progress() as progress:
        for misfit in found.misfits:
            progress.log("refused", clean(misfit))
        progress.log("as predicted", f"{found.as_predicted} tasks")
        progress.log("not annotated", f"{found.not_annotated} tasks")
        progress.log("written", f"{output}: {len(lines)} demonstrations")
    return EXIT_FAILED if found.misfits else 0
