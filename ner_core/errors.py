"""The one tree of errors.

TagwireError
├── ConfigurationError            a file or variable is wrong: correct it
│   └── LabelSetError
├── DocumentError                 this document cannot be tagged: a dead letter
│   ├── UnknownLabelSetError
│   ├── UnknownTypeError          of a demonstration: it is left out of the pool
│   └── DocumentTooLongError
├── ResolverError                 retry: no external keys; the record goes without
└── EngineError                   an engine did not answer
    ├── EngineBusyError           retry: queue full, 429, 503, 529
    ├── EngineTimeoutError        retry: no reply in time
    ├── EngineLostError           retry: it died with the request in flight, 500 or 502
    │   └── NoVectorError         of one text: its demonstration is left out of the pool
    ├── EngineDownError           retry: it cannot be reached; the request was not in flight
    ├── EngineAccessError         retry: it refuses the API key, or serves no such model
    ├── PromptTooLongError        fewer demonstrations may help
    └── EngineRequestError        the request itself was refused: no retry helps
"""

from typing import ClassVar

_SHOWN = 80
"""So many characters of a text are shown in an error."""


class TagwireError(Exception):
    """Root of all errors that Tagwire raises itself.

    ``retryable``: whether the same call may succeed later. ``code`` names the error in
    records and metrics.
    """

    retryable: ClassVar[bool] = False
    code: ClassVar[str] = "error"


class ConfigurationError(TagwireError):
    """A setting, ensemble file or label set cannot be used; the message has the remedy."""

    code = "configuration"


class LabelSetError(ConfigurationError):
    """A label set breaks a rule."""

    code = "label_set"


class DocumentError(TagwireError):
    """This document cannot be tagged, now or later."""

    code = "document"


class UnknownLabelSetError(DocumentError):
    """The document asks for a label set that is not registered."""

    code = "unknown_label_set"

    def __init__(self, label_set: str, *, known: tuple[str, ...]) -> None:
        super().__init__(f"label set {label_set!r} is not registered; known: {', '.join(known)}")


class UnknownTypeError(DocumentError):
    """A demonstration has an entity whose type is not in its label set."""

    code = "unknown_type"

    def __init__(self, demonstration: str, type_id: str, *, known: tuple[str, ...]) -> None:
        super().__init__(
            f"demonstration {demonstration!r}: type {type_id!r} is not in its label set; "
            f"known: {', '.join(known)}"
        )


class DocumentTooLongError(DocumentError):
    """Title and text together are over the limit; a document is never cut."""

    code = "too_long"

    def __init__(self, characters: int, *, max_document_chars: int) -> None:
        super().__init__(
            f"document has {characters} characters, over max_document_chars = {max_document_chars}"
        )


class ResolverError(TagwireError):
    """The source of external keys gave no answer, or a wrong one; tagging never waits for it."""

    retryable = True
    code = "resolver"


class EngineError(TagwireError):
    """An engine gave no answer.

    ``retry_after_s`` is how long it wants not to be asked, 0 if it does not say.
    """

    code = "engine"

    def __init__(self, model: str, reason: str, *, retry_after_s: float = 0.0) -> None:
        super().__init__(f"{model}: {reason}")
        self.model = model
        self.retry_after_s = retry_after_s


class EngineBusyError(EngineError):
    """The engine's queue is full (425, 429, 503, 529)."""

    retryable = True
    code = "engine_busy"


class EngineTimeoutError(EngineError):
    """No reply in time (also 408, 504, 524)."""

    retryable = True
    code = "engine_timeout"


class EngineLostError(EngineError):
    """The engine died or cut the connection with the request in flight (also 424, 500, 502)."""

    retryable = True
    code = "engine_lost"


class NoVectorError(EngineLostError):
    """The encoder works, but one text has no vector of finite length (null, NaN, too large)."""

    def __init__(self, model: str, text: str) -> None:
        shown = repr(text[:_SHOWN]) + ("…" if len(text) > _SHOWN else "")
        super().__init__(model, f"{shown} has no vector of finite length (null, NaN, too large)")
        self.text = text


class EngineDownError(EngineError):
    """The engine cannot be reached: it is down or restarting, and never saw the request."""

    retryable = True
    code = "engine_down"


class EngineAccessError(EngineError):
    """No request would be answered: wrong API key (401, 402, 403) or address (3xx), no model (404).

    At start it is the configuration that is wrong; later a key has expired or a server was
    replaced, and no document is to blame.
    """

    retryable = True
    code = "engine_access"


class PromptTooLongError(EngineError):
    """The prompt is over the model's context; fewer demonstrations may help."""

    code = "prompt_too_long"


class EngineRequestError(EngineError):
    """The engine refused the request itself (other 4xx)."""

    code = "engine_request"
