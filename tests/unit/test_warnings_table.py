"""The table of warnings names every code that a record can carry, and what to do."""

import ast
import re

from support import ROOT

PAGE = (ROOT / "docs" / "how-to" / "operate.md").read_text("utf-8")
SECTION = PAGE.partition("## Warnings in a record\n")[2].partition("\n## ")[0]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in SECTION.splitlines()
    if line.startswith("| `")
]
WRITERS = {"Notice", "WarningRecord"}


def codes(source):
    """The first argument, or ``code``, of every warning that a program makes."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in WRITERS:
            named = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
            yield [*node.args, *named][0]


def written():
    """The codes of all programs, and the source of those that are no literals."""
    found = [
        code
        for folder in ("ner_core", "streams")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for code in codes(path.read_text("utf-8"))
    ]
    literal = {code.value for code in found if isinstance(code, ast.Constant)}
    return literal, [ast.unparse(code) for code in found if not isinstance(code, ast.Constant)]


def test_the_table_names_every_warning_that_is_written_once_and_in_order():
    literal, passed_on = written()

    assert [re.findall("`([a-z_]+)`", row[0]) for row in ROWS] == [
        [code] for code in sorted(literal)
    ]
    assert passed_on == ["notice.code"]


def test_every_warning_has_a_meaning_and_something_to_do():
    assert all(len(row) == 3 for row in ROWS)
    assert all(len(cell) > 10 for row in ROWS for cell in row[1:])
