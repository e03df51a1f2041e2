"""Chromium without a window, from the system: playwright downloads none here."""

import shutil

import pytest

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
