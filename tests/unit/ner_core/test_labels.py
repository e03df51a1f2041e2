import errno
import shutil
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ner_core.errors import ConfigurationError, LabelSetError
from ner_core.labels import (
    SHIPPED,
    EntityType,
    LabelSet,
    LiveLabelSets,
    load_label_set,
    load_label_sets,
)


def label_set(*names: str) -> LabelSet:
    return LabelSet("x", tuple(EntityType(n, n, "") for n in names))


def test_the_news_set_is_shipped():
    assert load_label_sets(SHIPPED)["news"].ids == (
        "person", "organization", "location", "event", "product", "work", "group",
    )  # fmt: skip


def test_no_name_is_the_beginning_of_another():
    with pytest.raises(LabelSetError, match="beginning"):
        label_set("art", "artist")


def test_a_file_without_types_says_which_file(tmp_path):
    path = tmp_path / "empty.toml"
    path.write_text("[[typo]]\n")

    with pytest.raises(LabelSetError, match=r"empty\.toml"):
        load_label_set(path)


def test_ids_and_names_translate():
    labels = LabelSet("x", (EntityType("PER", "person", ""),))

    assert labels.id_of("person") == "PER"
    assert labels.name_of("PER") == "person"
    assert labels.id_of("none") == "none"
    assert labels.id_of("thing") is None


def test_a_missing_folder_of_label_sets_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="missing"):
        load_label_sets(SHIPPED, tmp_path / "missing")


def test_a_folder_without_label_sets_is_refused(tmp_path):
    (tmp_path / "news.yaml").touch()

    with pytest.raises(ConfigurationError, match=r"\*\.toml"):
        load_label_sets(tmp_path)


@pytest.mark.parametrize("type_id", ["x y", "", "a\\nb", "x,y"])
def test_a_type_id_that_breaks_the_rule_is_refused_with_the_rule(tmp_path, type_id):
    path = tmp_path / "wrong.toml"
    path.write_text(f'[[type]]\nid = "{type_id}"\nname = "person"\n')

    with pytest.raises(LabelSetError, match=r"wrong\.toml.*letters, digits and"):
        load_label_set(path)


@pytest.mark.parametrize("type_id", ["PER", "creative-work", "person-artist/author", "Straße"])
def test_usual_type_ids_are_accepted(tmp_path, type_id):
    path = tmp_path / "usual.toml"
    path.write_text(f'[[type]]\nid = "{type_id}"\n', "utf-8")

    assert load_label_set(path).ids == (type_id,)


@pytest.mark.parametrize("type_id", ["none", "None", "NONE"])
def test_no_type_id_is_taken_for_none(type_id):
    with pytest.raises(LabelSetError, match="'none' is reserved"):
        LabelSet("x", (EntityType(type_id, "person", ""),))


@pytest.mark.parametrize("name", ["none", "None", "NONE"])
def test_no_name_is_taken_for_none(name):
    with pytest.raises(LabelSetError, match=f"name '{name}' is reserved"):
        LabelSet("x", (EntityType("PER", name, ""),))


@pytest.mark.parametrize("name", ['per"son', "per\nson", " person", ""])
def test_a_name_that_no_prompt_can_show_is_refused(name):
    with pytest.raises(LabelSetError, match="one line"):
        LabelSet("x", (EntityType("PER", name, ""),))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('[type]\nid = "PER"\n', r"type = \{'id': 'PER'\} is not a list of tables; write \[\["),
        ('type = "PER"\n', "type = 'PER' is not a list of tables; write"),
        ('type = ["PER"]\n', r"type = \['PER'\] is not a list of tables; write"),
        ('[[type]]\nid = "PER"\nname = 2\n', "name"),
        ('[[type]]\nid = "PER"\ndefinitoin = "a human"\n', "definitoin"),
        ('tpye = 1\n[[type]]\nid = "PER"\n', "tpye"),
        ("[[type]]\nid = 1\n", r"id = 1 in \[\[type\]\] is not a string"),
        ('[[type]]\nname = "person"\n', r"a \[\[type\]\] without id: 'person'"),
        ("[[type]]\n", r"a \[\[type\]\] without id: it is empty"),
        ("", r"no types; add a \[\[type\]\]"),
        ('[[types]]\nid = "PER"\n', "unknown key in the file: types; known: allow, deny, type"),
    ],
)
def test_what_is_no_label_set_is_refused_with_the_remedy(tmp_path, content, said):
    path = tmp_path / "wrong.toml"
    path.write_text(content)

    with pytest.raises(LabelSetError, match=rf"wrong\.toml.*{said}"):
        load_label_set(path)


def test_a_byte_order_mark_before_a_label_set_is_skipped(tmp_path):
    path = tmp_path / "marked.toml"
    path.write_text('[[type]]\nid = "PER"\n', "utf-8-sig")

    assert load_label_set(path).ids == ("PER",)


SHIP = '[[type]]\nid = "ship"\n'


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "ships.toml").write_text(SHIP)
    return tmp_path


def test_a_file_that_is_added_is_taken_up_when_it_is_asked_for(folder):
    live = LiveLabelSets(folder)
    assert "boats" not in live
    (folder / "boats.toml").write_text(SHIP)

    assert set(live) == {"news", "ships"}
    assert live["boats"].ids == ("ship",)
    assert set(live) == {"news", "ships", "boats"}


def test_one_that_is_known_stays_as_it_is(folder):
    live = LiveLabelSets(folder)
    (folder / "ships.toml").write_text(SHIP.replace("ship", "boat"))
    (folder / "news.toml").write_text(SHIP)

    assert "more" not in live
    assert live["ships"].ids == ("ship",)
    assert "person" in live["news"].ids


def test_a_file_that_breaks_a_rule_takes_nothing_up_until_it_is_mended(folder):
    live = LiveLabelSets(folder)
    (folder / "boats.toml").write_text("[[typo]]")

    with capture_logs() as logs:
        assert "boats" not in live
        assert "boats" not in live
    assert [line["event"] for line in logs] == ["no new label set was loaded"]
    assert "boats.toml" in logs[0]["why"]
    (folder / "boats.toml").write_text(SHIP)
    assert "boats" in live


def test_a_folder_that_is_gone_takes_nothing_away(folder):
    live = LiveLabelSets(folder)
    shutil.rmtree(folder)

    assert "boats" not in live
    assert len(live) == 2


def test_without_a_folder_there_are_the_shipped_ones():
    live = LiveLabelSets(None)

    assert "ships" not in live
    assert set(live) == {"news"}


@pytest.mark.parametrize("step", ["stat", "iterdir"])
def test_a_folder_that_may_not_be_read_is_named(tmp_path, monkeypatch, step):
    def refuse(path, **_):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, step, refuse)

    with pytest.raises(ConfigurationError, match=rf"{tmp_path}: Permission denied"):
        load_label_sets(tmp_path)
