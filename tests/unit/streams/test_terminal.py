"""What people see, and what must never reach their terminal."""

import io

import pytest
from rich.console import Console
from support.tagged import entity as spot
from support.tagged import groups, record

from streams.terminal import Progress, clean, color, highlighted, listed
from streams.wire.entities import EntityRecord


def entity(text, start, kind="person", field="text"):
    return EntityRecord(
        field=field, start=start, end=start + len(text), text=text, type=kind, score=1.0,
        verified=None, votes={kind: 1},
    )  # fmt: skip


@pytest.mark.parametrize(
    "evil", ["\x1b[2J", "\x9b31m", "\u202eabc", "a\x00b", "\x7f", "\r", "\ud800"]
)
def test_nothing_that_steers_a_terminal_is_left(evil):
    shown = clean(evil)

    assert len(shown) == len(evil)
    assert not set(shown) & {"\x1b", "\x9b", "\u202e", "\x00", "\x7f", "\r", "\ud800"}
    shown.encode("utf-8")


def test_ordinary_text_is_shown_as_it_is():
    assert clean("Dao Nguyễn\nin São Paulo – 北京") == "Dao Nguyễn\nin São Paulo – 北京"


def test_mentions_of_a_field_have_the_color_of_their_type():
    shown = highlighted("Ada met Bo", [entity("Ada", 0), entity("Bo", 8, field="title")], "text")

    assert [(s.start, s.end) for s in shown.spans] == [(0, 3)]
    assert color("person") in str(shown.spans[0].style)


def test_every_surface_of_a_record_without_groups_is_listed_once_by_type():
    text = "Ada saw Bo, Ada saw Oslo"
    found = [spot(0, 3), spot(12, 15), spot(20, 24, "location")]
    shown = listed(record({"id": "a", "text": text}, *found))

    assert shown.plain.split() == ["person", "Ada", "location", "Oslo"]


def test_names_of_groups_are_listed_by_type_the_most_prominent_first():
    found = [spot(0, 3, group=1), spot(7, 11, group=0), spot(15, 19, "location", group=2)]
    named = [("Bo K", "person", (1,)), ("Ada", "person", (0,)), ("Oslo", "location", (2,))]
    shown = listed(record({"id": "a", "text": "Ada or Bo K in Oslo"}, *found, groups=groups(named)))

    assert shown.plain.split() == ["person", "Bo", "K", "·", "Ada", "location", "Oslo"]


def test_markup_in_a_document_is_only_text():
    out = io.StringIO()
    Console(file=out).print(highlighted("[red]Ada[/red]", [], "text"))

    assert out.getvalue() == "[red]Ada[/red]\n"


def test_without_a_terminal_every_quarter_of_long_work_is_a_line():
    out = io.StringIO()
    with Progress(Console(file=out, width=100)) as progress:
        for done in range(101):
            progress.update("unpacking", done, 100)

    assert [line.split()[-2] for line in out.getvalue().splitlines()] == [
        "0",
        "25",
        "50",
        "75",
        "100",
    ]
