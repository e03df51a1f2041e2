"""What a run needs, checked before anything is loaded; what is missing is told at once."""

from collections.abc import Iterable
from pathlib import Path

from ner_core.errors import ConfigurationError


def require(labeled: Iterable[Path], model: Path, others: Iterable[Path] = ()) -> None:
    """Check that labeled files, the folder of an unpacked model, and other files are there.

    Raises:
        ConfigurationError: some are not; all of them are named.
    """
    told = []
    if missing := sorted({str(path) for path in labeled if not path.is_file()}):
        told.append(f"{', '.join(missing)} (docs/TRAINING.md says what they hold)")
    if not model.is_dir():
        cure = "`tagwire models prepare --ensemble models/embedded.toml`"
        told.append(f"{model} (unpack it with {cure}, into cache_folder/models)")
    told += [str(path) for path in others if not path.is_file()]
    if told:
        msg = f"the training needs what is not there: {'; '.join(told)}"
        raise ConfigurationError(msg)
