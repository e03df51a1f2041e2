"""Draws the pictures of the documentation: `make screenshots`."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright
from support import ROOT
from support.tagged import samples

from streams.export.page import page

IMAGES = ROOT / "docs" / "images"
SIZE = {"width": 900, "height": 620}


def main() -> None:
    """Draw the page with the sample articles and their gold entities, light and dark."""
    IMAGES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, sync_playwright() as started:
        path = Path(folder) / "page.html"
        path.write_bytes(page(list(samples()), title="examples/feed.jsonl"))
        chromium = started.chromium.launch(
            executable_path=shutil.which("chromium"), chromium_sandbox=False
        )
        for scheme in ("light", "dark"):
            tab = chromium.new_page(viewport=SIZE, color_scheme=scheme)
            tab.goto(path.as_uri())
            tab.screenshot(path=IMAGES / f"page-{scheme}.png")
        chromium.close()


if __name__ == "__main__":
    main()
