"""What the dashboard says if its server refuses, fails, or begins again."""

import pytest
from support.dashboard import DEAD
from support.tagged import entity, tagged

from streams.dashboard import web
from streams.dashboard.views import document_view, letter_view

ADA = document_view(tagged("Ada left Rome.", entity(0, 3), id="ada"))
BOB = document_view(tagged("Bob met Eve.", entity(0, 3), id="bob"))
HTML = {"status": 500, "content_type": "text/html", "body": "<h1>500</h1>"}
REFUSED = {"status": 401, "content_type": "application/json", "body": '{"error": "No token."}'}


@pytest.mark.parametrize(
    ("reply", "said"), [(HTML, "500 Internal Server Error"), (REFUSED, "No token")]
)
def test_a_text_that_gets_no_answer_shows_the_status_or_the_reason(open_page, reply, said):
    one = open_page("#try-view")
    one.tab.route("**/try", lambda route: route.fulfill(**reply))
    one.tab.locator("#try-text").fill("Ada.")
    one.tab.locator("#try-go").click()
    error = one.tab.locator("#try-error")
    error.wait_for()

    assert error.inner_text() == said


def test_a_text_that_is_too_large_says_the_limit(open_page):
    one = open_page("#try-view")
    one.tab.evaluate(
        "bytes => { document.getElementById('try-text').value = 'x'.repeat(bytes); }",
        web._MAX_REQUEST,
    )
    one.tab.locator("#try-go").click()
    error = one.tab.locator("#try-error")
    error.wait_for()

    assert error.inner_text() == "larger than 8 MiB"


@pytest.mark.parametrize(
    ("reply", "said"), [(HTML, "500 Internal Server Error"), (REFUSED, "No token")]
)
def test_a_letter_that_gets_no_answer_shows_why_and_can_be_opened_again(
    dashboard, open_page, reply, said
):
    dashboard.publish("letters", DEAD.position, "letter", letter_view(DEAD))
    one = open_page("#letters-view")
    one.tab.route("**/letters/*", lambda route: route.fulfill(**reply))
    summary = one.tab.locator("details.letter summary")
    summary.click()
    one.tab.get_by_text(f"{said}; close and open to try again.").wait_for()
    one.tab.unroute("**/letters/*")
    summary.click()
    summary.click()

    one.tab.locator("details.letter pre").wait_for()


def test_a_page_too_many_says_so_and_opens_when_another_is_closed(open_page, monkeypatch):
    first = open_page()
    monkeypatch.setattr(web, "READERS", 1)
    second = open_page(until="1 pages are open already; trying again")
    first.tab.goto("about:blank")

    second.tab.get_by_text("live", exact=True).wait_for()


def refused_events(tab):
    tab.clock.install()
    tab.route("**/events", lambda route: route.fulfill(**REFUSED))


def test_without_the_token_the_page_says_so_and_does_not_ask_again(open_page):
    one = open_page(
        before=refused_events,
        until="No token; reload to try again",
    )
    asked = [url for url in one.asked if url.endswith("/events")]

    one.tab.clock.run_for(60_000)
    assert [url for url in one.asked if url.endswith("/events")] == asked


def test_a_paused_page_keeps_what_it_shows_when_the_server_begins_again(dashboard, open_page):
    dashboard.show(ADA)
    one = open_page()
    one.shows("article", 1)
    one.tab.locator("#pause").click()
    one.tab.evaluate("() => forget()")
    dashboard.show(BOB)
    one.tab.get_by_text("resume (1 waiting)").wait_for()
    assert one.tab.locator("article").get_attribute("aria-label") == "ada"

    one.tab.locator("#pause").click()
    one.tab.wait_for_function("() => document.querySelector('article').ariaLabel === 'bob'")
    one.shows("article", 1)
