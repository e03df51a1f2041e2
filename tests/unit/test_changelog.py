"""The check of the changelog."""

import pytest
from changelog import problems

STATED = "Fingerprint changes: no. Record schema changes: no.\n"
GOOD = f"# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-11-25\n\n{STATED}"


def test_the_newest_release_is_the_version():
    assert problems(GOOD, "0.2.0") == []


def test_a_version_in_preparation_is_named_as_unreleased():
    unreleased = f"## [Unreleased]\n\nVersion 0.3.0 is in preparation.\n{STATED}"
    text = GOOD.replace("## [Unreleased]\n", unreleased)

    assert problems(text, "0.3.0") == []


@pytest.mark.parametrize(
    ("text", "version", "wrong"),
    [
        (GOOD, "0.3.0", "version 0.3.0 is neither the newest release nor named as unreleased"),
        (GOOD, "0.1.0", "version 0.1.0 is neither the newest release nor named as unreleased"),
        (GOOD.replace(" - 2026-11-25", ""), "0.2.0", "release 0.2.0 has no date"),
        (GOOD.replace("2026-11-25", "2026-13-25"), "0.2.0", "release 0.2.0 has no date"),
        (GOOD.replace("Record schema", "Other"), "0.2.0",
         "section 0.2.0 does not state 'Record schema changes: '"),
        (GOOD.replace("Unreleased", "0.3.0"), "0.3.0",
         "the changelog does not begin with ## [Unreleased]"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(text, version, wrong):
    assert problems(text, version) == [wrong]
