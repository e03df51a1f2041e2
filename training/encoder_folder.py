"""Where the encoder of stage 1 is, unpacked as published."""

from pathlib import Path

from ner_core.ensemble import load_ensemble

_ENSEMBLE = Path(__file__).parents[1] / "models" / "embedded.toml"


def encoder_folder(models: Path) -> Path:
    """Return the encoder's folder, in the folder of unpacked models.

    `tagwire models prepare --ensemble models/embedded.toml` makes it.
    """
    embedder = load_ensemble(_ENSEMBLE).embedder
    weights = embedder.serve and embedder.serve.weights
    return models / f"{embedder.name}-{weights.sha256[:12] if weights else ''}"
