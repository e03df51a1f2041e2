"""Chromium without a window, from the system: playwright downloads none here."""

import shutil

import pytest
from support.dashboard import DEAD, ENGINES, FIGURES, WORKER, dashboard_in_a_thread, trying
from support.pipelines import pipeline

from ner_core.testing import RuleEngine
from streams.dashboard.views import letter_inside
from streams.settings import load_settings

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def pytest_collection_modifyitems(items):
    for item in items:
        item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium():
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no Chromium on this machine; Debian has it as the package `chromium`")
    playwright = pytest.importorskip("playwright.sync_api", reason="run `make browser`")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=found, chromium_sandbox=False)
        yield browser
        browser.close()


class Open:
    """A page of the dashboard that is open, and everything it logged or asked others for."""

    def __init__(self, tab, url, *, until):
        self.tab, self.said, self.asked = tab, [], []
        tab.on("console", lambda message: self.said.append(message.text))
        tab.on("pageerror", lambda error: self.said.append(str(error)))
        tab.on("request", lambda request: self.asked.append(request.url))
        tab.goto(url)
        tab.get_by_text(until, exact=True).wait_for()

    def shows(self, selector, number):
        self.tab.wait_for_function(
            "([selector, number]) => document.querySelectorAll(selector).length === number",
            arg=[selector, number],
        )


async def _tried():
    tried, _ = trying(await pipeline(RuleEngine("gemma"), RuleEngine("smollm2")), load_settings())
    return tried


@pytest.fixture
def dashboard():
    letters = {DEAD.position: letter_inside(DEAD)}
    with dashboard_in_a_thread(_tried, letters=letters) as running:
        for name, value in (("worker", WORKER), ("figures", FIGURES), ("engines", ENGINES)):
            running.put(name, value)
        yield running


@pytest.fixture
def open_page(chromium, dashboard):
    tabs = []

    def open_(view="", *, until="live", before=lambda _: None, **options):
        tabs.append(chromium.new_page(**options))
        before(tabs[-1])
        return Open(tabs[-1], f"{dashboard.url}/{view}", until=until)

    yield open_
    for tab in tabs:
        tab.close()
