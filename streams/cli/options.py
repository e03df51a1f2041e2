"""Arguments that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from streams.settings import Settings, load_settings

Source = Annotated[str, typer.Argument(help="a path, or - for standard input")]
EnsembleFile = Annotated[Path | None, typer.Option("--ensemble", help="ensemble file")]


def settings_for(ensemble: Path | None) -> Settings:
    """Return the settings, with the ensemble file that the command line names, if any."""
    return load_settings(**({"ensemble": ensemble} if ensemble else {}))
