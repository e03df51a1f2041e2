"""The page of `tagwire html` in a real browser: seen, filtered, walked through, printed."""

import time
from itertools import chain, islice, repeat

import pytest
from support.tagged import entity, groups, record, samples, tagged

from streams.export.page import page
from streams.export.tagged import Tagged
from streams.wire.documents import DocumentRecord

DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
HOSTILE = (
    "</script></style><script>window.hit = 1</script><img src=http://127.0.0.1:9/ onerror=hit=1>"
)


class Open:
    """A page that is open, and everything it logged, asked for or failed with."""

    def __init__(self, tab, path):
        self.tab, self.said, self.asked = tab, [], []
        tab.on("console", lambda message: self.said.append(message.text))
        tab.on("pageerror", lambda error: self.said.append(str(error)))
        tab.on("request", lambda request: self.asked.append(request.url))
        began = time.monotonic()
        tab.goto(path.as_uri())
        tab.evaluate(DRAWN)
        self.seconds = time.monotonic() - began

    def focused(self):
        return self.tab.evaluate("() => document.activeElement.textContent")

    def press(self, *keys):
        for key in keys:
            self.tab.keyboard.press(key)


@pytest.fixture
def open_page(chromium, tmp_path):
    tabs = []

    def open_(documents, **options):
        path = tmp_path / "page.html"
        path.write_bytes(page(list(documents), title="entities.jsonl"))
        tabs.append(chromium.new_page(**options))
        return Open(tabs[-1], path)

    yield open_
    for tab in tabs:
        tab.close()


FEW = (
    tagged("Ada left Rome.", entity(0, 3, score=0.9), entity(9, 13, "location"), id="one"),
    tagged("Nobody is here.", id="two"),
    tagged("Bob 🚀 met Eve.", entity(0, 3, score=0.4), entity(10, 13, score=0.8), id="three"),
)


def test_nothing_is_logged_and_nothing_but_the_file_is_asked_for(open_page):
    one = open_page(samples())

    assert one.said == []
    assert one.asked == [one.tab.url]


def test_markup_of_a_document_neither_runs_nor_loads(open_page):
    hostile = tagged(HOSTILE, entity(0, 9, HOSTILE), id=HOSTILE, title=HOSTILE, source=HOSTILE)
    one = open_page([hostile])

    assert one.tab.evaluate("() => window.hit") is None
    assert (one.said, one.asked) == ([], [one.tab.url])
    assert HOSTILE in one.tab.locator("article .facts").inner_text()


def test_the_policy_stops_a_script_that_got_in_all_the_same(open_page):
    one = open_page(FEW)
    one.tab.evaluate(
        "() => { const made = document.createElement('script');"
        " made.textContent = 'window.hit = 1'; document.body.append(made); }"
    )

    assert one.tab.evaluate("() => window.hit") is None
    assert "Content Security Policy" in " ".join(one.said)


@pytest.mark.timed
def test_a_thousand_documents_open_within_two_seconds(open_page):
    one = open_page(islice(chain.from_iterable(repeat(list(samples()))), 1000))

    assert one.tab.locator("article").count() == 1000
    assert one.seconds < 2


def test_hover_and_focus_show_what_is_known_of_a_mention(open_page):
    one = open_page(FEW)
    detail = one.tab.locator("#detail")
    one.tab.locator("main mark", has_text="Rome").hover()
    assert "location · score 0.5\nvotes: location 2" in detail.inner_text()

    one.tab.locator("article").first.focus()
    one.press("ArrowRight")
    assert "person · score 0.9" in detail.inner_text()
    one.press("Escape")
    assert detail.is_hidden()


def test_a_type_that_is_switched_off_is_plain_text(open_page):
    one = open_page(FEW)
    one.tab.locator("input[value=person]").uncheck()

    assert one.tab.locator("main mark:not(.off)").all_inner_texts() == ["Rome"]
    assert one.tab.locator("#entities").inner_text() == "1"
    assert one.tab.locator("main").inner_text().count("Ada left") == 1


def test_scores_below_the_least_one_are_plain_text(open_page):
    one = open_page(FEW)
    one.tab.locator("#least").fill("0.8")

    assert one.tab.locator("main mark:not(.off)").all_inner_texts() == ["Ada", "Eve"]
    assert one.tab.locator("#least-shown").inner_text() == "0.80"


def test_the_slash_key_leads_to_the_search_which_leaves_documents_that_match(open_page):
    one = open_page(FEW)
    one.press("/")
    one.tab.keyboard.type("BOB")

    assert one.tab.locator("article:visible").count() == 1
    assert one.tab.locator("#documents").inner_text() == "1"


def test_reset_shows_everything_again(open_page):
    one = open_page(FEW)
    one.tab.locator("input[value=person]").uncheck()
    one.tab.locator("#search").fill("nothing like it")
    one.tab.locator("button[type=reset]").click()
    one.tab.wait_for_function("() => document.getElementById('entities').textContent === '4'")

    assert one.tab.locator("article:visible").count() == 3


def test_arrows_go_from_mention_to_mention_and_from_document_to_document(open_page):
    one = open_page(FEW)
    one.tab.locator("article").first.focus()
    seen = []
    for _ in range(4):
        one.press("ArrowRight")
        seen.append(one.focused())
    assert seen == ["Ada", "Rome", "Bob", "Eve"]

    one.press("ArrowLeft")
    assert one.focused() == "Bob"
    one.press("ArrowUp")
    assert "Nobody is here." in one.focused()
    one.press("ArrowLeft")
    assert one.focused() == "Rome"


def test_a_nested_mention_is_inside_the_other(open_page):
    text = "Bank of England"
    one = open_page([tagged(text, entity(0, 15, "organization"), entity(8, 15, "location"))])

    assert one.tab.locator("main mark mark").inner_text() == "England"
    assert one.tab.locator("main mark").first.inner_text() == text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(open_page, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="run `make browser`")
    one = open_page(samples(), color_scheme=scheme, bypass_csp=True)
    violations = axe.Axe().run(one.tab).response["violations"]

    serious = [v for v in violations if v["impact"] in {"serious", "critical"}]
    assert [(v["id"], v["nodes"][0]["html"]) for v in serious] == []


def test_dark_is_dark_and_light_is_light(open_page):
    paper = "() => getComputedStyle(document.body).backgroundColor"

    assert open_page(FEW, color_scheme="light").tab.evaluate(paper) == "rgb(255, 255, 255)"
    assert open_page(FEW, color_scheme="dark").tab.evaluate(paper) == "rgb(22, 24, 27)"


def test_printed_it_is_the_documents_without_the_controls(open_page):
    one = open_page(FEW)
    one.tab.emulate_media(media="print")

    assert one.tab.locator("#filters").is_hidden()
    assert one.tab.locator("main mark:visible").count() == 4
    assert one.tab.pdf()[:5] == b"%PDF-"


def test_pointing_at_a_mention_shows_its_group_and_outlines_the_others_of_it(open_page):
    named = groups([("Ada Kern", "person", (0, 1)), ("Oslo", "location", (2,))])
    found = [entity(0, 8, group=0), entity(13, 17, group=0), entity(21, 25, "location", group=1)]
    document = {"id": "a", "text": "Ada Kern was Kern in Oslo."}
    opened = open_page(
        [Tagged.of(record(document, *found, groups=named), DocumentRecord(**document))]
    )

    opened.tab.hover("main mark >> nth=1")
    assert "Ada Kern · 2 mentions · prominence 1" in opened.tab.inner_text("#detail")
    assert opened.tab.locator("mark.same").count() == 2
    opened.tab.fill("#prominence", "0.9")
    assert opened.tab.locator("main mark.off").count() == 1
    assert opened.said == []
