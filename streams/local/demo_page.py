"""The page that the demo leaves: what it tagged, to look at."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from streams.client.files import Line
from streams.export.page import page
from streams.export.tagged import Tagged
from streams.wire.codec import load_json
from streams.wire.documents import DocumentRecord
from streams.wire.entities import EntitiesRecord


def address_of_page(
    records: Mapping[str, EntitiesRecord], lines: Sequence[Line], folder: Path
) -> str:
    """Write the page of the documents that were tagged, in the order of the feed.

    It replaces the page of an earlier run.

    Returns:
        Its address, for a browser, or why it cannot be written.
    """
    documents = [DocumentRecord.model_validate(load_json(line.value.decode())) for line in lines]
    tagged = [Tagged.of(records[d.id], d) for d in documents if d.id in records]
    content = page(tagged, title="Tagwire: the sample feed")
    path = folder.resolve() / "demo.html"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as exc:
        return f"{path} cannot be written: {exc.strerror}"
    return path.as_uri()
