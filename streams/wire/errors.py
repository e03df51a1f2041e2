"""Why a record can never be used (the reasons of dead letters), and what a broker answered.

TagwireError
├── DocumentError
│   ├── InvalidUtf8Error …        the record itself cannot be read
│   └── RecordRefusedError        the broker will never take the output
│       └── RecordTooLargeError
└── BrokerError                   the broker's fault, or its configuration's; no document's
    ├── BrokerUnavailableError    retry: it cannot be reached, or not now
    ├── BrokerDeniedError         it knows us and refuses, or does not know us
    └── FencedError               another worker has taken over what this one still holds
"""

from ner_core.errors import DocumentError, TagwireError


class InvalidUtf8Error(DocumentError):
    """Key or value is not UTF-8."""

    code = "invalid_utf8"


class InvalidJsonError(DocumentError):
    """The value is not JSON."""

    code = "invalid_json"


class NotAnObjectError(DocumentError):
    """The value is JSON, but no object."""

    code = "not_an_object"


class MissingIdError(DocumentError):
    """The document has no ``id``."""

    code = "missing_id"


class InvalidIdError(DocumentError):
    """The ``id`` is not a string, or is empty."""

    code = "invalid_id"


class IdMismatchError(DocumentError):
    """The record's key is not the document's ``id``."""

    code = "id_mismatch"


class InvalidFieldError(DocumentError):
    """A field is missing or of the wrong type."""

    code = "invalid_field"


class NullKeyAndValueError(DocumentError):
    """Neither a document nor the deletion of one."""

    code = "null_key_and_value"


class RecordRefusedError(DocumentError):
    """The broker will never take this output: its timestamp, its key, its form."""

    code = "record_refused"


class RecordTooLargeError(RecordRefusedError):
    """The output is over what the broker or the producer takes."""

    code = "record_too_large"


class InvalidDemonstrationError(DocumentError):
    """A record of the topic is not a demonstration; it is left out of the pool."""

    code = "invalid_demonstration"


class BrokerError(TagwireError):
    """The broker answered with an error that is about no single record."""

    code = "broker"


class BrokerUnavailableError(BrokerError):
    """The broker cannot be reached, or cannot answer now."""

    retryable = True
    code = "broker_unavailable"


class BrokerDeniedError(BrokerError):
    """Login or authorization failed: user, password or the rights on a topic or group."""

    code = "broker_denied"


class FencedError(BrokerError):
    """Another worker has taken this one's partition over; it may write nothing more."""

    code = "fenced"
