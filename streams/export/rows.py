"""A table with a row for each entity."""

import csv
import io
from collections.abc import Sequence

import orjson

from streams.export.exported import Exported
from streams.export.tagged import Tagged
from streams.wire.entities import EntityRecord

COLUMNS = (
    *("document_id", "field", "start", "end", "text", "type", "score", "verified", "votes"),
    *("group", "name", "prominence", "key"),
)


def rows(documents: Sequence[Tagged]) -> Exported:
    """Return CSV in UTF-8 with a header; ``votes`` is JSON, ``verified`` empty if not asked.

    The last columns are those of the entity's group, empty in records without groups.
    Cells are as the record has them: a spreadsheet that takes one that begins with ``=``, ``+``,
    ``-``, ``@`` or a tab for a formula must read them as text.
    """
    exported, out = Exported(), io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for document in documents:
        for e in document.record.entities:
            row = [*_row(document.record.document_id, e), *_group(document, e)]
            writer.writerow([exported.encodable(v) if isinstance(v, str) else v for v in row])
    exported.content = out.getvalue().encode()
    return exported


def _row(document_id: str, e: EntityRecord) -> list[object]:
    verified = "" if e.verified is None else str(e.verified).lower()
    votes = orjson.dumps(e.votes).decode()
    return [document_id, e.field, e.start, e.end, e.text, e.type, e.score, verified, votes]


def _group(document: Tagged, e: EntityRecord) -> list[object]:
    group = document.record.group_of(e)
    return [e.group, group.name, group.prominence, group.key] if group else [None] * 4
