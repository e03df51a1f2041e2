from ner_core.prompts.parsing import parse_choice, parse_names, parse_pairs, parse_surfaces_object


def test_a_whole_object_is_read_in_order():
    parsed = parse_pairs(' {"Ada": "person", "Rome": "location"}')

    assert parsed.items == (("Ada", "person"), ("Rome", "location"))
    assert parsed.usable
    assert parsed.whole


def test_an_empty_object_is_a_usable_answer():
    assert parse_pairs("{}").usable
    assert parse_pairs("{ }").whole
    assert parse_names("[]").whole


def test_the_well_formed_beginning_is_kept():
    parsed = parse_pairs('{"Ada": "person", "Rome": "loc')

    assert parsed.items == (("Ada", "person"),)
    assert parsed.usable
    assert not parsed.whole


def test_prose_is_not_usable():
    assert not parse_pairs("The entities are Ada and Rome.").usable
    assert not parse_pairs("{Ada, Rome}").usable
    assert not parse_surfaces_object('["Ada"]').usable


def test_escapes_are_undone():
    assert parse_names(r'["A \"B\" C", "é"]').items == (('A "B" C', ""), ("é", ""))


def test_a_chat_answer_lists_surfaces():
    assert parse_surfaces_object('{"entities": ["Ada", "Rome"]}').items == (
        ("Ada", ""),
        ("Rome", ""),
    )


def test_a_choice_is_read_bare_labelled_or_with_what_follows():
    choices = ("person", "political party", "none")

    assert parse_choice("person", choices) == "person"
    assert parse_choice(' political party"}', choices) == "political party"
    assert parse_choice('{"label": "none"}', choices) == "none"


def test_what_is_no_choice_is_nothing():
    assert parse_choice("personal", ("person",)) is None
    assert parse_choice("I think person", ("person",)) is None
    assert parse_choice("", ("person",)) is None
