"""Draws the pictures of the documentation: `make screenshots`."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright
from support import ROOT
from support.dashboard import ENGINES, FIGURES, WORKER, dashboard_in_a_thread, trying
from support.pipelines import pipeline
from support.tagged import samples

from ner_core.testing import RuleEngine
from streams.dashboard.views import document_view
from streams.export.page import page
from streams.settings import load_settings

IMAGES = ROOT / "docs" / "images"
SIZE = {"width": 900, "height": 620}
TALL = {"width": 900, "height": 1060}


SCHEMES = ("light", "dark")


def main() -> None:
    """Draw the page and the dashboard, with the sample articles and their gold entities."""
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as started:
        chromium = started.chromium.launch(
            executable_path=shutil.which("chromium"), chromium_sandbox=False
        )
        draw_page(chromium)
        with dashboard_in_a_thread(_tried) as dashboard:
            for name, value in (("worker", WORKER), ("figures", FIGURES), ("engines", ENGINES)):
                dashboard.put(name, value)
            dashboard.show(*map(document_view, samples()))
            draw_dashboard(chromium, dashboard.url)
        chromium.close()


def draw_page(chromium) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        path.write_bytes(page(list(samples()), title="examples/feed.jsonl"))
        for scheme in SCHEMES:
            tab = chromium.new_page(viewport=SIZE, color_scheme=scheme)
            tab.goto(path.as_uri())
            tab.screenshot(path=IMAGES / f"page-{scheme}.png")


def draw_dashboard(chromium, url) -> None:
    for scheme in SCHEMES:
        tab = chromium.new_page(viewport=SIZE, color_scheme=scheme)
        tab.goto(url)
        tab.locator("article").nth(5).wait_for(state="attached")
        tab.locator("#engines li").first.wait_for()
        tab.screenshot(path=IMAGES / f"dashboard-{scheme}.png")
    tab = chromium.new_page(viewport=TALL)
    tab.goto(f"{url}/#try-view")
    tab.locator("#engines li").first.wait_for()
    tab.locator("#try-title").fill("Ada Kern in Varna")
    tab.locator("#try-text").fill("Ada Kern came to Varna on Monday. She met Bo Falk there.")
    tab.locator("#try-go").click()
    tab.locator("#tried article").wait_for()
    tab.screenshot(path=IMAGES / "dashboard-try.png")


async def _tried():
    engines = [RuleEngine("gemma"), RuleEngine("smollm2")]
    tried, _ = trying(await pipeline(*engines, pool_votes=True), load_settings())
    return tried


if __name__ == "__main__":
    main()
