import pytest

from ner_core.errors import LabelSetError
from ner_core.labels import SHIPPED, EntityType, LabelSet, load_label_set, load_label_sets


def label_set(*names: str) -> LabelSet:
    return LabelSet("x", tuple(EntityType(n, n, "") for n in names))


def test_the_news_set_is_shipped():
    assert load_label_sets(SHIPPED)["news"].ids == (
        "person", "organization", "location", "event", "product", "work", "group",
    )  # fmt: skip


def test_no_name_is_the_beginning_of_another():
    with pytest.raises(LabelSetError, match="beginning"):
        label_set("art", "artist")


def test_no_name_is_taken_for_none():
    with pytest.raises(LabelSetError):
        label_set("none")


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
