"""Arguments that several commands share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from streams.settings import Settings

Source = Annotated[str, typer.Argument(help="a path, or - for standard input")]
EnsembleFile = Annotated[Path | None, typer.Option("--ensemble", help="ensemble file")]


def settings_for(ensemble: Path | None) -> "Settings":
    """Return the settings, with the ensemble file that the command line names, if any."""
    from streams.settings import load_settings

    return load_settings(**({"ensemble": ensemble} if ensemble else {}))
