"""Documents and dead letters as the script of the page reads them: plain JSON."""

from collections.abc import Iterable, Sequence
from typing import Any

from streams.client.dead_letters import original, when
from streams.export.pieces import Mark, Piece
from streams.export.tagged import Tagged
from streams.export.view import View, visible, votes_of
from streams.wire.codec import Json
from streams.wire.entities import GroupRecord, WarningRecord
from streams.wire.letters import Letter


def document_view(tagged: Tagged) -> dict[str, Any]:
    """Return a document with its fields cut at the borders of its mentions."""
    view = View(tagged)
    return {
        "id": visible(view.record.document_id),
        "language": view.record.language or "",
        "fields": [{"name": name, "pieces": drawn(cut)} for name, cut in view.cut],
        "missing": view.missing,
        "unplaced": [drawn(cut) for cut in view.unplaced] if view.missing else [],
        "groups": [_group(group) for group in view.record.groups or ()],
        "facts": [[name, visible(value)] for name, value in view.facts],
        "warnings": [_warning(warning) for warning in view.record.warnings],
    }


def drawn(pieces: Iterable[Piece]) -> Sequence[Json]:
    """Return pieces of a text: each closes some marks, opens others, and has its text."""
    return [
        {"text": visible(p.text), "closes": p.closes, "opens": [_mark(m) for m in p.opens]}
        for p in pieces
    ]


def letter_view(letter: Letter) -> Json:
    """Return what a dead letter says of its document, in a few words."""
    return {
        "position": letter.position,
        "id": visible(letter.id),
        "reason": visible(letter.reason),
        "why": visible(letter.why),
        "when": when(letter),
        "redrives": letter.redrives,
    }


def letter_inside(letter: Letter) -> Json:
    """Return the headers of a dead letter, and the document as it came."""
    headers = [
        [visible(name), "null" if value is None else _text(value)]
        for name, value in letter.message.headers
    ]
    return {**letter_view(letter), "headers": headers, "document": visible(original(letter))}


def _text(value: bytes) -> str:
    return visible(value.decode("utf-8", "backslashreplace"))


def _mark(mark: Mark) -> Json:
    e = mark.entity
    return {
        "type": visible(e.type),
        "score": e.score,
        "votes": visible(votes_of(e)),
        "verified": e.verified,
        "place": f"{e.field} {e.start}–{e.end}",
        "first": mark.is_first,
        "last": mark.is_last,
        "group": e.group,
    }


def _group(group: GroupRecord) -> Json:
    return {
        "name": visible(group.name),
        "aliases": visible(", ".join(group.aliases)),
        "mentions": len(group.mentions),
        "prominence": group.prominence,
        "key": None if group.key is None else visible(group.key),
    }


def _warning(warning: WarningRecord) -> str:
    sentence = "" if warning.sentence is None else f"sentence {warning.sentence}"
    parts = (warning.code, warning.model, sentence, warning.detail)
    return visible(" · ".join(part for part in parts if part))
