"""JSON with something around it, as consumers of topics and streams of events print it."""

import re

from ner_core.errors import DocumentError
from streams.wire.codec import load_json
from streams.wire.errors import InvalidJsonError

_OBJECT = re.compile(rb'\{\s*"')
_BEGUN = re.compile(rb'(?:\[\s*)?\{\s*(?:"|$)')
_KEYED = re.compile(rb"(?:[^\t{]*\t)+(\{.*\}|null)")
_EVENT = re.compile(rb"(?:data|event|id|retry)?:")
_DATA = re.compile(rb"data:\s*(.*)")
_SEPARATOR = b"\x1e"
_FENCE = re.compile(rb"(`{3,}|~{3,})[ \t]*(?:\w+[ \t]*)?\r?\n\s*(?:\[\s*)?(\{.*)\1\s*", re.DOTALL)
_ONE_A_LINE = "one object a line is read; {}"
_REMEDIES = {
    "keys before JSON, as kafka-console-consumer prints them": (
        "print none (print.key=false), or remove them with: cut -f 2- FILE"
    ),
    "server-sent events": "keep their data with: sed -n 's/^data: *//p' FILE",
    "JSON text sequences (RFC 7464)": (
        r"remove their separators with: tr -d '\036' < FILE | jq -c ."
    ),
    "JSON in a fence": "remove the lines of the fence, then: jq -c . FILE",
}


def framing_refusal(content: bytes) -> DocumentError | None:
    """Return why JSON that has something around each object, or around all, is not read."""
    found = _framing(content.strip())
    if found is None:
        return None
    return InvalidJsonError(f"{found}: {_ONE_A_LINE.format(_REMEDIES[found])}")


def parses(content: bytes) -> bool:
    """Whether a content is JSON in UTF-8."""
    try:
        load_json(content.decode())
    except ValueError:
        return False
    return True


def _framing(content: bytes) -> str | None:
    keyed, events, sequences, fence = _REMEDIES
    if content.startswith(_SEPARATOR) and _OBJECT.match(content.lstrip(_SEPARATOR).lstrip()):
        return sequences
    block = _FENCE.fullmatch(content)
    if block and _OBJECT.match(block[2]) and b"\n" + block[1] not in block[2].rstrip():
        return fence
    lines = [line.strip(b" \r") for line in content.splitlines() if line.strip()]
    if all(map(_EVENT.match, lines)) and any(map(_is_data, lines)):
        return events
    values = [value[1] for line in lines if (value := _KEYED.fullmatch(line))]
    if 2 * len(values) > len(lines) and any(map(_is_object, values)):
        return keyed
    return None


def _is_data(line: bytes) -> bool:
    data = _DATA.fullmatch(line)
    return data is not None and bool(_BEGUN.match(data[1]))


def _is_object(value: bytes) -> bool:
    return bool(_OBJECT.match(value)) and parses(value)
