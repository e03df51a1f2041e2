"""The dashboard in a real browser: documents arrive, dead letters open, texts are tried."""

import pytest
from support.dashboard import DEAD, HOSTILE, WORKER
from support.tagged import entity, samples, tagged

from streams.dashboard.views import document_view, letter_view

ADA = document_view(tagged("Ada left Rome.", entity(0, 3, score=0.9), id="ada"))
BOB = document_view(
    tagged("Bob met Eve.", entity(0, 3, score=0.4), entity(8, 11, "group", score=0.8), id="bob")
)


def test_documents_appear_as_they_arrive_the_newest_first(dashboard, open_page):
    dashboard.show(ADA)
    one = open_page()
    one.shows("article", 1)
    dashboard.show(BOB)
    one.shows("article", 2)

    assert one.tab.locator("article").first.inner_text().startswith("Bob")
    assert one.tab.locator("#tagged mark").all_inner_texts() == ["Bob", "Eve", "Ada"]
    assert one.said == []
    assert {url.split("/")[2] for url in one.asked} == {dashboard.url.split("/")[2]}


def test_a_new_version_takes_the_place_of_the_old_and_a_deletion_removes_it(dashboard, open_page):
    dashboard.show(ADA, BOB)
    one = open_page()
    one.shows("article", 2)
    dashboard.show(ADA)
    one.tab.wait_for_function("() => document.querySelector('article').ariaLabel === 'ada'")
    dashboard.publish("documents", "ada", "deletion", {"id": "ada"})
    one.shows("article", 1)


def test_only_the_last_two_hundred_stay(dashboard, open_page):
    one = open_page()
    dashboard.show(*({**ADA, "id": f"a{number}"} for number in range(150)))
    one.shows("article", 150)
    dashboard.show(*({**ADA, "id": f"b{number}"} for number in range(150)))
    one.shows("article", 200)


def test_types_scores_and_words_filter_also_what_arrives_later(dashboard, open_page):
    dashboard.show(ADA, BOB)
    one = open_page()
    one.shows("article", 2)
    one.tab.locator("input[value=group]").uncheck()
    one.tab.locator("#least").fill("0.5")
    one.shows("#tagged mark:not(.off)", 1)
    dashboard.show({**BOB, "id": "bob-2"})
    one.shows("article", 3)
    one.shows("#tagged mark:not(.off)", 1)

    one.tab.keyboard.press("/")
    one.tab.keyboard.type("rome")
    assert one.tab.locator("article:visible").count() == 1
    one.tab.locator("button[type=reset]").click()
    one.shows("#tagged mark:not(.off)", 5)


def test_paused_it_holds_what_arrives_and_says_how_much(dashboard, open_page):
    dashboard.show(ADA)
    one = open_page()
    one.shows("article", 1)
    pause = one.tab.locator("#pause")
    pause.click()
    dashboard.show(BOB)
    one.tab.get_by_text("resume (1 waiting)").wait_for()
    assert one.tab.locator("article").count() == 1

    pause.click()
    one.shows("article", 2)
    assert pause.get_attribute("aria-pressed") == "false"


def test_arrows_and_focus_work_as_on_the_page_of_a_file(dashboard, open_page):
    dashboard.show(ADA, BOB)
    one = open_page()
    one.shows("article", 2)
    one.tab.locator("article").first.focus()
    for _ in range(3):
        one.tab.keyboard.press("ArrowRight")

    assert one.tab.evaluate("() => document.activeElement.textContent") == "Ada"
    assert "person · score 0.9" in one.tab.locator("#detail").inner_text()


def test_figures_engines_and_warnings_are_in_words(dashboard, open_page):
    dashboard.put("worker", {**WORKER, "warnings": ["the pool is empty"], "lost_to_retention": 2})
    one = open_page()
    figures = one.tab.locator("#figures")
    figures.get_by_text("2.4", exact=False).wait_for()

    assert "lag\n12" in figures.inner_text()
    assert "mean; 95% ≤ 5 s" in figures.inner_text()
    assert "restarting" in one.tab.locator("#engines").inner_text()
    assert "6 running, 2 waiting" in one.tab.locator("#engines").inner_text()
    assert one.tab.locator("#warnings li").all_inner_texts() == [
        "the pool is empty",
        "2 documents were deleted by the broker before they were read",
    ]


def test_a_broker_or_a_worker_that_is_away_is_named(dashboard, open_page):
    one = open_page()
    dashboard.put("broker", "waiting for the broker")
    one.tab.get_by_text("waiting for the broker").wait_for()
    dashboard.put("worker", {"answers": False, "url": "http://127.0.0.1:6066/ready"})
    one.tab.get_by_text("does not answer").wait_for()
    dashboard.put("broker", "")
    one.tab.get_by_text("live", exact=True).wait_for()


def test_a_dead_letter_opens_and_nothing_of_it_runs(dashboard, open_page):
    dashboard.publish("letters", DEAD.position, "letter", letter_view(DEAD))
    one = open_page("#letters-view")
    one.shows("details.letter", 1)
    one.tab.locator("details.letter summary").click()
    one.tab.locator("details.letter pre").wait_for()

    assert '"text": "<b>' in one.tab.locator("pre").inner_text()
    assert HOSTILE in one.tab.locator("details.letter table").inner_text()
    assert one.tab.locator("nav a[aria-current]").inner_text() == "Dead letters 1"
    assert one.tab.evaluate("() => window.hit") is None
    assert one.said == []


def test_markup_of_a_document_neither_runs_nor_loads(dashboard, open_page):
    hostile = tagged(HOSTILE, entity(0, 9, HOSTILE), id=HOSTILE, title=HOSTILE, source=HOSTILE)
    one = open_page()
    dashboard.show(document_view(hostile))
    one.shows("article", 1)

    assert one.tab.evaluate("() => window.hit") is None
    assert one.said == []
    assert HOSTILE in one.tab.locator("article .facts").inner_text()


def test_a_text_is_tried_and_every_stage_shown(open_page):
    one = open_page("#try-view")
    one.tab.locator("#try-title").fill("Ada Kern in Varna")
    one.tab.locator("#try-text").fill("She met <b>Bo Falk</b> there.")
    one.tab.locator("#try-go").click()
    one.tab.locator("#tried article").wait_for()
    first = one.tab.locator("details.sentence").first.inner_text()

    for part in (
        "Rough spans",
        "3 demonstrations shown",
        "Extracted",
        "gemma",
        "Votes",
        "verifier says yes",
    ):
        assert part in first
    assert one.tab.locator("#tried article h2 mark").count() == 2
    assert "What it took" in one.tab.locator("#tried").inner_text()
    assert one.said == []


def test_a_text_that_is_refused_says_why(open_page):
    one = open_page("#try-view")
    one.tab.locator("#try-text").fill("Ada.")
    one.tab.locator("#try-labels").fill("ships")
    one.tab.locator("#try-go").click()
    error = one.tab.locator("#try-error")
    error.wait_for()

    assert "ships" in error.inner_text()
    assert error.get_attribute("role") == "alert"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", ["", "#letters-view", "#try-view"])
def test_axe_finds_no_serious_fault(dashboard, open_page, scheme, view):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="run `make browser`")
    dashboard.show(*map(document_view, list(samples())[:5]))
    dashboard.publish("letters", DEAD.position, "letter", letter_view(DEAD))
    one = open_page(view, color_scheme=scheme, bypass_csp=True)
    one.shows("article", 5)
    if view == "#letters-view":
        one.tab.locator("details.letter summary").click()
        one.tab.locator("details.letter pre").wait_for()
    if view == "#try-view":
        one.tab.locator("#try-text").fill("Ada Kern in Varna")
        one.tab.locator("#try-go").click()
        one.tab.locator("#tried article").wait_for()
    violations = axe.Axe().run(one.tab).response["violations"]

    serious = [v for v in violations if v["impact"] in {"serious", "critical"}]
    assert [(v["id"], v["nodes"][0]["html"]) for v in serious] == []


def test_narrow_it_needs_no_scrolling_to_the_side(dashboard, open_page):
    dashboard.show(*map(document_view, list(samples())[:5]))
    for view in ("", "#letters-view", "#try-view"):
        one = open_page(view, viewport={"width": 320, "height": 600})
        wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert one.tab.evaluate(wide) <= 0


def test_printed_it_is_the_documents_without_the_controls(dashboard, open_page):
    dashboard.show(ADA, BOB)
    one = open_page()
    one.shows("article", 2)
    one.tab.emulate_media(media="print")

    for control in ("#filters", "nav", "#connection"):
        assert one.tab.locator(control).is_hidden()
    assert one.tab.locator("#tagged mark:visible").count() == 3
