"""What is around a sentence is rendered once, and the prompt is the same as ever."""

from importlib.resources import files

import pytest

from ner_core.labels import EntityType, LabelSet
from ner_core.prompts.around import is_shown_as_it_is, is_shown_as_json
from ner_core.prompts.templates import Prompts, ShownDemonstration, _environment

LABELS = LabelSet("news", (EntityType("per", "person", "a human"), EntityType("loc", "place", "")))
SHOWN = [ShownDemonstration("Ada left.", (("Ada", "person"),))]
SENTENCES = ["Bo came.", "", " Bo\n", "{{ sentence }}", 'She said "no" \\ \n\ue000']


def source_of(style):
    return (files("ner_core.prompts") / f"{style}_prefix.jinja").read_text("utf-8")


def used_as_it_is(source):
    return is_shown_as_it_is("sentence", source, _environment({}))


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("style", ["pattern", "chat"])
def test_a_prefix_put_together_is_the_one_that_its_template_renders(tmp_path, style, sentence):
    shipped = source_of(style)
    directly_rendered = "{% set unused = 0 %}" + shipped
    (tmp_path / f"{style}_prefix.jinja").write_text(directly_rendered, "utf-8")

    assert used_as_it_is(shipped)
    assert not used_as_it_is(directly_rendered)
    prefix = Prompts().prefix(style, LABELS, SHOWN, sentence)
    assert prefix == Prompts(tmp_path).prefix(style, LABELS, SHOWN, sentence)


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


SURFACES = ["Ada", 'Ada "A" Kern', "C:\\new", "{{ surface }}", "Žižek\u2028", ""]


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("name", [{}, {"name": "person"}])
@pytest.mark.parametrize("style", ["pattern", "chat"])
def test_a_question_put_together_is_the_one_that_its_template_renders(
    tmp_path, style, name, surface
):
    stage = "verify" if name else "classify"
    file = f"{style}_{stage}.jinja"
    shipped = (files("ner_core.prompts") / file).read_text("utf-8")
    directly_rendered = "{% set unused = 0 %}" + shipped
    (tmp_path / file).write_text(directly_rendered, "utf-8")

    assert is_shown_as_json("surface", shipped, _environment({}))
    assert not is_shown_as_json("surface", directly_rendered, _environment({}))
    question = Prompts().question(style, stage, surface=surface, **name)
    assert question == Prompts(tmp_path).question(style, stage, surface=surface, **name)


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("{{ surface }} and {{ surface | json }}", 'Bo "and" and "Bo \\"and\\""'),
        ("{{ surface }}: {{ surface | json | upper }}", 'Bo "and": "BO \\"AND\\""'),
        ("{{ surface }}: {{ surface | upper | json }}", 'Bo "and": "BO \\"AND\\""'),
        ("{{ surface | json }}{% if surface %}!{% endif %}", '"Bo \\"and\\""!'),
        ("{{ surface | json }}, {{ surface | json }}", '"Bo \\"and\\"", "Bo \\"and\\""'),
    ],
)
def test_a_template_of_a_user_may_do_more_with_the_surface(tmp_path, template, shown):
    (tmp_path / "pattern_classify.jinja").write_text(template)

    assert Prompts(tmp_path).question("pattern", "classify", surface='Bo "and"') == shown
