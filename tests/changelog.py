"""The changelog names the version, dates every release and says what a release changes."""

import re
import sys
from datetime import date
from pathlib import Path

from ner_core.version import __version__

_HEADING = re.compile(r"^## \[([^]]+)\](?: - (\S+))?$", re.MULTILINE)
_STATED = ("Fingerprint changes: ", "Record schema changes: ")


def problems(text: str, version: str) -> list[str]:
    """Return what is wrong with a changelog, as lines to print."""
    headings = list(_HEADING.finditer(text))
    names = [heading[1] for heading in headings]
    if names[:1] != ["Unreleased"]:
        return ["the changelog does not begin with ## [Unreleased]"]
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    sections = [text[h.end() : end] for h, end in zip(headings, ends, strict=True)]
    found = [
        f"section {name} does not state {stated!r}"
        for name, section in zip(names, sections, strict=True)
        for stated in _STATED
        if section.strip() and stated not in section
    ]
    found += [f"release {h[1]} has no date" for h in headings[1:] if not _is_date(h[2])]
    if version not in names[:2] and f"Version {version} " not in sections[0]:
        found.append(f"version {version} is neither the newest release nor named as unreleased")
    return found


def _is_date(text: str | None) -> bool:
    try:
        return bool(date.fromisoformat(text or ""))
    except ValueError:
        return False


if __name__ == "__main__":
    changelog = Path(__file__).parent.parent / "CHANGELOG.md"
    sys.exit("\n".join(problems(changelog.read_text("utf-8"), __version__)) or 0)
