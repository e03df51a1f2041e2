"""Prompts: the package's templates, and those of an ensemble file's own folder."""

import pytest
from support import ROOT
from support.pipelines import DOCUMENT, pipeline

from ner_core.ensemble import load_ensemble
from ner_core.errors import ConfigurationError
from ner_core.labels import EntityType, LabelSet
from ner_core.prompts.templates import Prompts, ShownDemonstration
from ner_core.testing import RuleEngine

LABELS = LabelSet("news", (EntityType("per", "person", "a human"), EntityType("loc", "place", "")))
SHOWN = [ShownDemonstration("Ada left.", (("Ada", "person"),))]


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "templates"
    made.mkdir()
    template = "Types: {{ names | join(', ') }}\n\nText: {{ sentence }}\n"
    (made / "pattern_prefix.jinja").write_text(template)
    return made


def test_a_template_of_the_folder_is_used_instead_of_the_one_of_that_name(folder):
    assert Prompts(folder).prefix("pattern", LABELS, SHOWN, "Bo came.") == (
        "Types: person, place\n\nText: Bo came.\n"
    )


def test_what_the_folder_does_not_hold_is_asked_as_before(folder):
    assert Prompts(folder).question("pattern", "extract") == "Entities:"
    assert Prompts(folder).system(LABELS) == Prompts().system(LABELS)


def test_a_template_may_show_what_the_types_mean(tmp_path):
    meanings = "{% for type in types %}{{ type.name }} is {{ type.definition }}. {% endfor %}"
    template = meanings + "{{ sentence }}"
    (tmp_path / "pattern_prefix.jinja").write_text(template)

    assert "person is a human. " in Prompts(tmp_path).prefix("pattern", LABELS, SHOWN, "Bo came.")


def test_a_folder_without_a_template_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="no template found; expected one or more"):
        Prompts(tmp_path)


def test_a_template_that_nothing_asks_for_is_refused(folder):
    (folder / "pattern_prefx.jinja").write_text("")

    with pytest.raises(ConfigurationError, match=r"unknown template pattern_prefx\.jinja; known:"):
        Prompts(folder)


@pytest.mark.parametrize(
    ("name", "template", "told"),
    [
        ("pattern_prefix", "{% for x in types %}{{ sentence }}", "Unexpected end of template"),
        (
            "pattern_prefix",
            "{{ surface }}{{ sentence }}",
            "'surface' is undefined; its variables",
        ),
        (
            "chat_system",
            "{{ types[0].meaning }}",
            "has no attribute 'meaning'; its var",
        ),
        ("pattern_extract", "{{ sentence }}", "'sentence' is undefined; its variables: none"),
        ("pattern_prefix", "{{ names }}", "does not show sentence, which it asks about"),
        ("chat_verify", "Is it {{ name }}?", "does not show surface, which it asks about"),
    ],
)
def test_a_template_that_cannot_ask_is_refused(tmp_path, name, template, told):
    (tmp_path / f"{name}.jinja").write_text(template)

    with pytest.raises(ConfigurationError, match=rf"{name}\.jinja: .*{told}"):
        Prompts(tmp_path)


def test_a_template_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "pattern_prefix.jinja").write_bytes(b"\xff\xfe")

    with pytest.raises(ConfigurationError, match=r"pattern_prefix\.jinja: not UTF-8: .* save"):
        Prompts(tmp_path)


def test_a_byte_order_mark_before_a_template_is_no_part_of_it(folder):
    plain = Prompts(folder).version
    template = folder / "pattern_prefix.jinja"
    template.write_text(template.read_text("utf-8"), "utf-8-sig")

    assert Prompts(folder).version == plain


@pytest.mark.parametrize("own", ["benchmarks/prompts", "ner_core"])
def test_the_shipped_templates_pass_the_same_trial(own):
    folders = [path.parent for path in (ROOT / own).rglob("*.jinja")]

    assert folders
    assert all(Prompts(folder).version for folder in folders)


async def test_models_are_asked_with_the_templates_that_the_ensemble_names(folder):
    engine = RuleEngine("a")
    asked = await pipeline(engine, prompts=folder)

    await asked.tag(DOCUMENT)

    assert engine.asked
    assert all(request.prompt.startswith("Types: ") for request in engine.asked)


async def test_other_templates_have_another_fingerprint(folder):
    own, others = (
        await pipeline(RuleEngine("a")),
        await pipeline(RuleEngine("a"), prompts=folder),
    )

    assert own.fingerprint("news") != others.fingerprint("news")


OWN = (
    'name = "own"\nverifier = "a"\nprompts = "prompts"\n'
    '[[backbone]]\nname = "a"\nstyle = "pattern"\ncontext_tokens = 4096\nurl = "http://x/v1"\n'
    '[embedder]\nname = "e"\nurl = "http://x/v1"\n'
)


def test_the_folder_stands_beside_the_ensemble_file(tmp_path, folder):
    (tmp_path / "own.toml").write_text(OWN)
    folder.rename(tmp_path / "prompts")

    assert load_ensemble(tmp_path / "own.toml").prompts == tmp_path / "prompts"


def test_an_ensemble_file_whose_templates_cannot_be_used_is_refused(tmp_path):
    (tmp_path / "own.toml").write_text(OWN)

    with pytest.raises(ConfigurationError, match="no template found"):
        load_ensemble(tmp_path / "own.toml")
