"""How good an adapter is: ``tagwire eval`` on development sentences, the adapter's model alone."""

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path
from string import Template

import orjson

from ner_core.errors import ConfigurationError

_LABEL_SETS = Path(__file__).parents[1] / "benchmarks" / "label_sets"
_SETS = {
    "wnut17": ("wnut17.dev", "wnut17.train"),
    "gum_open": ("gum_open.dev", "gum_open.train"),
    "crossner_science": ("crossner_science.dev", "crossner_science.train"),
}
"""By label set: what is asked, and what is shown. The last one was never trained on."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Asks ``sentences`` of each development set, through the command ``tagwire``."""

    tagwire: Path
    template: Path
    data: Path
    sentences: int = 60

    @property
    def files(self) -> list[Path]:
        """The labeled files that are asked about and shown."""
        return [self._file(name) for pair in _SETS.values() for name in pair]

    def f1(self, run: Path) -> dict[str, float]:
        """Return F1 in percent by label set, for the adapter in the folder of a run.

        Raises:
            ConfigurationError: the command failed; it has said why.
        """
        files = ("adapter_config.json", "adapter_model.safetensors")
        content = b"".join((run / "adapter" / name).read_bytes() for name in files)
        sha256 = hashlib.sha256(content).hexdigest()
        ensemble = run / "judged.toml"
        ensemble.write_text(Template(self.template.read_text("utf-8")).substitute(sha256=sha256))
        return {name: self._asked(name, ensemble, run / "judged") for name in _SETS}

    def _asked(self, label_set: str, ensemble: Path, output: Path) -> float:
        asked, shown = map(self._file, _SETS[label_set])
        command: list[str | Path] = [self.tagwire, "eval", asked, "--demonstrations", shown]
        command += ["--labels", _LABEL_SETS / f"{label_set}.toml", "--ensemble", ensemble]
        command += ["--limit", str(self.sentences), "--output", output, "--json"]
        done = subprocess.run(command, check=False, stdout=subprocess.PIPE)  # noqa: S603 - our own
        if done.returncode:
            msg = (
                f"`tagwire eval` could not measure the adapter on {label_set}.dev and has said "
                f"why (status {done.returncode}); the training so far is saved beside {ensemble}"
            )
            raise ConfigurationError(msg)
        return float(orjson.loads(done.stdout.splitlines()[-1])["f1"])

    def _file(self, name: str) -> Path:
        return self.data / f"{name}.jsonl.gz"
