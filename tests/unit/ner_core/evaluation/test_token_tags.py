"""Tags of tokens where a file has types, digits behind characters, and tags under other names."""

import json

import pytest
from support.corpora import read

from ner_core.evaluation.corpora import CorpusError

TEXT = "Ada Kern left Oslo"
WEIBO = "科0\tO\n技1\tO\n，0\tO\n北0\tB-GPE.NAM\n京1\tI-GPE.NAM\n\n我0\tO\n们1\tO\n"
NORNE = (
    "1\tNiels\tNiels\tPROPN\t_\t_\t2\tnsubj\t_\tSpaceAfter=No|name=B-PER\n"
    "2\tBo\tBo\tPROPN\t_\t_\t0\troot\t_\tname=I-PER|Gloss=x\n"
    "3\tgik\tgå\tVERB\t_\t_\t0\troot\t_\tname=O\n"
)


def entity(surface, kind, key="type"):
    start = TEXT.index(surface)
    return {"start": start, "end": start + len(surface), key: kind}


def lines(*entities):
    """One text for each entity."""
    return "\n".join(json.dumps({"text": TEXT, "entities": [one]}) for one in entities)


def refusal(folder, content, name="a.json"):
    with pytest.raises(CorpusError) as raised:
        read(folder, name, content)
    return str(raised.value)


@pytest.mark.parametrize("key", ["type", "label"])
@pytest.mark.parametrize(
    "kinds", [("B-PER", "I-PER"), ("B-PER", "E-LOC"), ("S-PER", "S-LOC"), ("I-PER", "I-LOC")]
)
def test_types_that_are_tags_of_tokens_are_refused_with_what_to_do(tmp_path, kinds, key):
    pairs = zip(("Ada", "Kern"), kinds, strict=True)
    said = refusal(tmp_path, lines(*(entity(name, kind, key) for name, kind in pairs)))

    assert f"line 1: the types are tags of tokens, such as {kinds[0]!r}" in said
    assert 'aggregation_strategy="simple"' in said


@pytest.mark.parametrize("kind", ["B-PER", "O"])
def test_tokens_of_a_pipeline_of_hugging_face_are_refused_by_name(tmp_path, kind):
    token = {**entity("Ada", kind, "entity"), "score": 0.9, "index": 1, "word": "Ada"}
    said = refusal(tmp_path, lines(token))

    assert "line 1: looks like tokens of a pipeline of Hugging Face" in said
    assert "aggregation_strategy" in said


def test_the_type_o_is_refused_with_its_line(tmp_path):
    said = refusal(tmp_path, lines(entity("Ada", "PER"), entity("left", "O")))

    assert "line 2: the type 'O' is the tag of a token outside of names" in said


@pytest.mark.parametrize(
    "kinds",
    [
        *(("E-MAIL", "PER"), ("E-MAIL", "E-MAIL"), ("S-BAHN", "LOC"), ("B", "I"), ("X-1", "B-2")),
        *(("P", "O"), ("S-Bahn", "U-Boot"), ("I-9", "I-9"), ("B-roll", "B-roll")),
    ],
)
def test_a_type_may_have_a_dash(tmp_path, kinds):
    pairs = zip(("Ada", "Kern"), kinds, strict=True)
    texts = read(tmp_path, "a.json", lines(*(entity(name, kind) for name, kind in pairs)))

    assert [kind for _, found in texts for _, kind in found] == [kind.lower() for kind in kinds]


def test_an_entity_may_have_its_surface_under_the_key_entity(tmp_path):
    found = {**entity("Ada", "PER"), "entity": "Ada"}

    assert read(tmp_path, "a.json", lines(found)) == [(TEXT, [("Ada", "per")])]


@pytest.mark.parametrize("content", [WEIBO, WEIBO.replace("，0\tO\n", "")])
def test_characters_with_their_places_are_refused_by_name(tmp_path, content):
    said = refusal(tmp_path, content, "a.conll")

    assert "line 1: '科0\\tO': every character has its place in a word, as in Weibo NER" in said
    assert "remove the digit" in said


@pytest.mark.parametrize(
    "content",
    [
        WEIBO.replace("们1", "们"),
        "A1\tO\nB2\tO\nC3\tB-PER\n",
        "第1\tO\n卷\tO\n北京\tB-LOC\n",
        "20\tO\n21\tO\n22\tB-LOC\n",
    ],
)
def test_tokens_may_end_with_a_digit(tmp_path, content):
    words = [word for text, _ in read(tmp_path, "a.conll", content) for word in text.split()]

    assert words == [line.split("\t")[0] for line in content.split("\n") if line]


def test_tags_under_name_are_read_as_norne_and_dane_have_them(tmp_path):
    assert read(tmp_path, "a.conllu", NORNE) == [("Niels Bo gik", [("Niels Bo", "per")])]


@pytest.mark.parametrize("value", ["Niels", "B", "person", "B-PER,I-LOC"])
def test_names_under_name_are_no_tags(tmp_path, value):
    said = refusal(tmp_path, NORNE.replace("name=O", f"name={value}"), "a.conllu")

    assert value in said or "without a column of tags" in said


def test_tags_under_ner_come_before_those_under_name(tmp_path):
    both = NORNE.replace("name=O", "name=O|NER=B-LOC")

    assert read(tmp_path, "a.conllu", both) == [("Niels Bo gik", [("gik", "loc")])]


def task(text, start, end, surface):
    value = {"start": start, "end": end, "labels": ["PER"], "text": surface}
    result = {"type": "labels", "to_name": "text", "value": value}
    return json.dumps([{"id": 1, "data": {"text": text}, "annotations": [{"result": [result]}]}])


@pytest.mark.parametrize(
    ("text", "surface"),
    [
        ("Ada\nKern left", "Ada\\nKern"),
        ("Ada\nKern left", "Ada\nKern"),
        ("Ada\\nKern left", "Ada\\nKern"),
        ("Ada\n\nKern left", "Ada\\n\\nKern"),
    ],
)
def test_a_line_end_that_is_written_as_two_characters_is_one_in_a_surface(tmp_path, text, surface):
    end = text.index(" left")

    [(_, [(found, _)])] = read(tmp_path, "a.json", task(text, 0, end, surface))

    assert found == text[:end]


@pytest.mark.parametrize("surface", ["Bo\\nKern", "Ada\\tKern", "Ada\\Kern"])
def test_another_surface_is_refused(tmp_path, surface):
    assert "is 'Ada\\nKern' in the text, not" in refusal(
        tmp_path, task("Ada\nKern left", 0, 8, surface)
    )
