"""What a run needs, checked before anything is loaded; all that is missing is named at once."""

from collections.abc import Iterable
from pathlib import Path

from ner_core.errors import ConfigurationError


def require(labeled: Iterable[Path], model: Path, others: Iterable[Path] = ()) -> None:
    """Check that labeled files, the folder of an unpacked model, and other files are there.

    Raises:
        ConfigurationError: some are not; all of them are named.
    """
    absent = []
    if missing := sorted({str(path) for path in labeled if not path.is_file()}):
        absent.append(f"{', '.join(missing)} (docs/TRAINING.md says what they hold)")
    if not model.is_dir():
        cure = "`tagwire models prepare --ensemble models/embedded.toml`"
        absent.append(f"{model} (unpack it with {cure}, into cache_folder/models)")
    absent += [str(path) for path in others if not path.is_file()]
    if absent:
        msg = f"the training needs what is not there: {'; '.join(absent)}"
        raise ConfigurationError(msg)
