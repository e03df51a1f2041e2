"""Documents and dead letters as the script of the page reads them."""

from support.tagged import entity, groups, record, tagged

from streams.dashboard.views import document_view, letter_inside, letter_view
from streams.export.tagged import Tagged
from streams.wire.letters import Letter
from streams.wire.messages import Message


def test_a_text_is_cut_at_the_borders_of_its_mentions():
    view = document_view(tagged("Ada left Rome.", entity(0, 3), entity(9, 13, "location")))

    [field] = view["fields"]
    assert [piece["text"] for piece in field["pieces"]] == ["Ada", " left ", "Rome", ".", ""]
    assert field["pieces"][0]["opens"][0] == {
        "type": "person", "score": 0.5, "votes": "person 2", "verified": None,
        "place": "text 0–3", "first": True, "last": True, "group": None,
    }  # fmt: skip


def test_marks_that_open_are_closed():
    view = document_view(
        tagged("Bank of England", entity(0, 15, "organization"), entity(8, 15, "location"))
    )
    pieces = view["fields"][0]["pieces"]

    assert sum(len(p["opens"]) for p in pieces) == sum(p["closes"] for p in pieces) == 2


def test_without_its_text_a_document_has_its_entities_and_why():
    whole = tagged("Ada left.", entity(0, 3), title="News")
    view = document_view(Tagged.of(whole.record, None))

    assert view["missing"] == "not among the documents"
    assert [pieces[0]["text"] for pieces in view["unplaced"]] == ["Ada"]
    assert [field["name"] for field in view["fields"]] == ["title"]


def test_groups_are_listed_and_each_mark_names_its_own():
    named = groups([("Ada\x1b", "person", (0,))])
    named[0] |= {"aliases": ["Countess", "A."], "key": "Q\x07"}
    document = {"id": "a", "text": "Ada left."}
    found = record(document, entity(0, 3, group=0), groups=named)
    view = document_view(Tagged(found, "Ada left."))

    assert view["groups"] == [
        {"name": "Ada␛", "aliases": "Countess, A.", "mentions": 1, "prominence": 1, "key": "Q␇"}
    ]
    assert view["fields"][0]["pieces"][0]["opens"][0]["group"] == 0


def test_warnings_are_lines():
    found = tagged("Ada.")
    warned = found.record.model_validate(
        {
            **found.record.model_dump(),
            "warnings": [{"code": "abstained", "model": "gemma", "sentence": 3, "detail": "\x1b"}],
        }
    )

    assert document_view(Tagged(warned, "Ada."))["warnings"] == [
        "abstained · gemma · sentence 3 · ␛"
    ]


HEADERS = (
    ("tagwire-reason", b"invalid_json"),
    ("tagwire-message", b"no \x1b json"),
    ("other", None),
    ("bytes", b"\xff"),
)


def test_a_dead_letter_states_its_document_reason_and_place():
    letter = Letter(Message("dead", 2, 118, 1_795_641_778_845, b"<b>", b"{", HEADERS))

    assert letter_view(letter) == {
        "position": "2:118", "id": "<b>", "reason": "invalid_json", "why": "no ␛ json",
        "when": "2026-11-25 21:22:58+00:00", "redrives": 0,
    }  # fmt: skip


def test_inside_are_all_headers_and_the_document_as_it_came():
    letter = Letter(Message("dead", 0, 0, 0, b"a", b'{"text": "\x07 \xff"}', HEADERS))
    inside = letter_inside(letter)

    assert inside["headers"] == [
        ["tagwire-reason", "invalid_json"], ["tagwire-message", "no ␛ json"], ["other", "null"],
        ["bytes", "\\xff"],
    ]  # fmt: skip
    assert inside["document"] == '{"text": "␇ \\xff"}'
