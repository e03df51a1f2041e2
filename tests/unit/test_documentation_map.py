"""The map of the documentation leads to every page, in four kinds."""

import re

from support import ROOT

DOCS = ROOT / "docs"
MAP = (DOCS / "README.md").read_text("utf-8")


def test_the_map_has_four_kinds():
    assert re.findall(r"^## (.+)$", MAP, re.MULTILINE) == ["Start", "How-to", "Reference", "Why"]


def test_every_page_is_on_the_map_once():
    found = [*DOCS.glob("*.md"), *DOCS.glob("how-to/*.md")]
    pages = [page for page in found if page.stem != "README"]
    linked = re.findall(r"\]\(([^)]+)\)", MAP)

    assert sorted(str(page.relative_to(DOCS)) for page in pages) == sorted(
        link for link in linked if (DOCS / link) in pages
    )
