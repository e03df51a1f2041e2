"""What is around a sentence is rendered once, and the prompt is the same as ever."""

import pytest

from ner_core.labels import EntityType, LabelSet
from ner_core.prompts.around import is_shown_as_it_is
from ner_core.prompts.templates import Check, Prompts, ShownDemonstration, _environment

LABELS = LabelSet("news", (EntityType("per", "person", "a human"), EntityType("loc", "place", "")))
SHOWN = [ShownDemonstration("Ada left.", (("Ada", "person"),), (Check("Ada", "person", "yes"),))]
SENTENCES = ["Bo came.", "", "{{ sentence }}", 'She said "no" \\ \n\ue000']


def used_as_it_is(source):
    return is_shown_as_it_is("sentence", source, _environment({}))


@pytest.mark.parametrize("style", ["pattern", "chat"])
def test_prefixes_of_one_document_differ_in_their_sentence_alone(style):
    prompts = Prompts()
    beginning, end = prompts.prefix(style, LABELS, SHOWN, "Bo came.").split("Bo came.")

    for sentence in SENTENCES:
        assert prompts.prefix(style, LABELS, SHOWN, sentence) == beginning + sentence + end


def test_other_demonstrations_and_types_are_shown_as_soon_as_they_change():
    prompts = Prompts()
    prompts.prefix("pattern", LABELS, SHOWN, "Bo came.")

    assert "Ada" not in prompts.prefix("pattern", LABELS, [], "Bo came.")
    other = LabelSet("news", (EntityType("org", "company", ""),))
    assert "person" not in prompts.prefix("pattern", other, [], "Bo came.")


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("{{ sentence | upper }}: {{ sentence }}", "BO: Bo"),
        ("{{ sentence }}{% if sentence | length > 9 %} is long{% endif %}", "Bo"),
        ("{{ sentence }} and {{ sentence }}", "Bo and Bo"),
    ],
)
def test_a_template_of_a_user_may_do_more_with_the_sentence(tmp_path, template, shown):
    (tmp_path / "pattern_prefix.jinja").write_text(template)

    assert Prompts(tmp_path).prefix("pattern", LABELS, SHOWN, "Bo") == shown


@pytest.mark.parametrize(
    "source",
    [
        "{{ sentence | upper }}",
        "{% filter upper %}{{ sentence }}{% endfilter %}",
        "{{ sentence }}{% if sentence %}!{% endif %}",
        "{% set again %}{{ sentence }}{% endset %}{{ again }}",
        "{% set sentence = 'x' %}{{ sentence }}",
        "{% macro m() %}{{ sentence }}{% endmacro %}{{ m() | upper }}",
        "{% include 'chat_rough.jinja' %}{{ sentence }}",
    ],
)
def test_a_sentence_that_is_changed_or_asked_about_is_not_shown_as_it_is(source):
    assert not used_as_it_is(source)


def test_a_sentence_that_is_written_is_shown_as_it_is():
    assert used_as_it_is(
        "{% for n in names %}{{ n }}{% endfor %}Text: {{ sentence }} {{ sentence }}"
    )
