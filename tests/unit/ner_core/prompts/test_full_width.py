"""Answers with the commas, colons and brackets of Chinese and Japanese."""

import pytest

from ner_core.prompts.parsing import parse_surfaces_object

TYPES = ("person", "location", "work")
BOTH = (("王明", "person"), ("北京", "location"))


def names(answer):
    parsed = parse_surfaces_object(answer, TYPES)
    return [name for name, _ in parsed.items] if parsed.usable else None


@pytest.mark.parametrize(
    "answer",
    [
        '{"entities": ["王明"，"北京"]}',
        '["王明"，"北京"]',
        '["王明"、"北京"]',
        '["王明" ， "北京"]',
        "['王明'，'北京']",
        "{“entities”：[“王明”，“北京”]}",
        "{“entities”：[“王明”、“北京”]}",
        '{"entities"：["王明"，"北京"]}',
        "{entities：['王明', '北京']}",
        '{"person"："王明"，"location"："北京"}',
        '[{"text"："王明"，"type"："person"}，{"text"："北京"，"type"："location"}]',
        "entities：王明、北京",
        "Entities: 王明、北京",
        "1、王明\n2、北京",
        "１．王明\n２．北京",
        "（1）王明\n（2）北京",
        "{entities: [王明，北京]}",
        "[王明，北京]",
    ],
)
def test_full_width_commas_and_colons_between_strings_are_read(answer):
    assert names(answer) == ["王明", "北京"]


def test_a_full_width_comma_and_a_plain_one_may_be_in_one_list():
    assert names('{"entities": ["王明"，"李华", "北京"]}') == ["王明", "李华", "北京"]


@pytest.mark.parametrize(
    "answer",
    [
        "1. 王明（person）\n2. 北京（location）",
        "- 王明【person】\n- 北京［location］",
        "- 王明：person\n- 北京：location",
        "王明：person\n北京：location",
        "person：王明\nlocation：北京",
        "person：王明；location：北京。",
        "王明（person）、北京（location）",
        "王明（person），北京（location）。",
        "（person）王明\n（location）北京",
        "person：\n- 王明\nlocation：\n- 北京",
        '{"entities": ["王明（person）", "location：北京"]}',
    ],
)
def test_types_in_full_width_brackets_and_beside_such_colons_are_read(answer):
    assert parse_surfaces_object(answer, TYPES).items == BOTH


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("person：王明、李华", ["王明", "李华"]),
        ("person：王明，李华", ["王明", "李华"]),
        ("person：王明、李华、", ["王明", "李华"]),
        ("person: 王明、李华", ["王明", "李华"]),
        ("person：王明、李华\nlocation：北京", ["王明", "李华", "北京"]),
        ("work：《你好，李焕英》、《红，黑》", ["《你好，李焕英》", "《红，黑》"]),
        ("person：none\nlocation：北京", ["北京"]),
    ],
)
def test_the_names_after_a_type_may_have_full_width_commas_between_them(answer, expected):
    assert names(answer) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ('["诗集"红"、"黑"在北京", "王明"]', ['诗集"红"、"黑"在北京', "王明"]),
        ("[“诗集“红”、“黑”在北京”, “王明”]", ["诗集“红”、“黑”在北京", "王明"]),
        ('["王明，李华",]', ["王明，李华"]),
        ('{"work": "你好，李焕英"}', ["你好，李焕英"]),
        ("- work: 你好，李焕英", ["你好，李焕英"]),
        ("- work: 你好，李焕英; work: 终局：之战", ["你好，李焕英", "终局：之战"]),
        ("- location: 北京, 《红，黑》 (work)", ["北京", "《红，黑》"]),
        ("- 中国银行（香港）", ["中国银行（香港）"]),
        ("- 复仇者联盟：终局之战", ["复仇者联盟：终局之战"]),
        ("- 中国银行（香港）有限公司", ["中国银行（香港）有限公司"]),
    ],
)
def test_full_width_signs_inside_a_name_stay_in_it(answer, expected):
    assert names(answer) == expected


def test_names_that_run_together_are_left_out():
    assert names("person：王明，李华，location：北京") == ["王明", "李华"]
    assert names("- 王明（person）去了北京（location）") is None
