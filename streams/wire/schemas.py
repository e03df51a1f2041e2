"""The JSON Schemas of the topics, generated from the code."""

from pathlib import Path

import orjson
from pydantic import BaseModel

from streams.wire.demonstrations import DemonstrationRecord
from streams.wire.documents import DocumentRecord
from streams.wire.entities import EntitiesRecord

RECORDS: dict[str, type[BaseModel]] = {
    "documents": DocumentRecord,
    "entities": EntitiesRecord,
    "demonstrations": DemonstrationRecord,
}


def schema(name: str) -> bytes:
    """Return the schema of a topic's values, as the file in ``docs/schemas`` holds it."""
    record = RECORDS[name]
    written = name == "entities"
    content = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **record.model_json_schema(mode="serialization" if written else "validation"),
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n"


def write(folder: Path) -> list[Path]:
    """Write all schemas into a folder."""
    paths = [folder / f"{name}.json" for name in RECORDS]
    for path in paths:
        path.write_bytes(schema(path.stem))
    return paths


if __name__ == "__main__":
    write(Path("docs/schemas"))
