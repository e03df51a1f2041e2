"""Tasks of Label Studio, as it exports them."""

import json
import re

import pytest
from support.corpora import loaded, read

from ner_core.evaluation.corpora import CorpusError

FOUND = ("Ada saw Oslo", [("Ada", "per")])
RECORD = {"text": "Ada saw Oslo", "entities": [{"start": 0, "end": 3, "type": "PER"}]}
REGION = {"value": {"start": 0, "end": 3, "text": "Ada", "labels": ["PER"]}, "type": "labels"}
TASK = {
    "id": 7,
    "data": {"text": "Ada saw Oslo"},
    "annotations": [{"result": [REGION, {"type": "relation", "from_id": "x"}]}],
    "predictions": [],
}


def refusal(folder, content, name="a.json"):
    with pytest.raises(CorpusError) as raised:
        read(folder, name, content)
    return str(raised.value)


def test_tasks_of_label_studio_are_read(tmp_path):
    minimal = {"id": 1, "text": "Ada saw Oslo", "label": [REGION["value"]], "annotator": 1}

    assert read(tmp_path, "a.json", json.dumps([TASK, TASK], indent=1)) == [FOUND, FOUND]
    assert read(tmp_path, "a.json", json.dumps([minimal])) == [FOUND]


def test_tasks_of_label_studio_before_version_1_are_read(tmp_path):
    old = {**TASK, "completions": TASK["annotations"]}
    del old["annotations"]

    assert read(tmp_path, "a.json", json.dumps([old])) == [FOUND]


@pytest.mark.parametrize("more", [{}, {"annotations": []}, {"completions": []}])
def test_tasks_with_predictions_alone_are_not_annotated(tmp_path, more):
    task = {"id": 7, "data": TASK["data"], "predictions": TASK["annotations"], **more}

    assert "no labeled sentence; 2 not annotated" in refusal(tmp_path, json.dumps([task, task]))


@pytest.mark.parametrize("key", ["annotator", "annotation_id", "lead_time"])
def test_a_minimal_task_without_regions_is_a_text_without_entities(tmp_path, key):
    bare = {"id": 2, "text": "It rained.", key: 1}

    assert read(tmp_path, "a.json", json.dumps([bare])) == [("It rained.", [])]


def test_labels_in_a_string_are_refused(tmp_path):
    task = {"id": 3, "text": "Ada saw Oslo", "label": json.dumps([REGION["value"]]), "annotator": 1}

    assert "line 1: task 3 of Label Studio has its labels in a string" in refusal(
        tmp_path, json.dumps([task])
    )


def test_a_text_with_entities_and_an_annotator_is_no_task(tmp_path):
    assert read(tmp_path, "a.json", json.dumps({**RECORD, "annotator": 1})) == [FOUND]


def test_offsets_of_a_browser_are_turned_into_code_points(tmp_path):
    value = {**REGION["value"], "start": 3, "end": 6}
    task = {
        **TASK,
        "data": {"text": "😀 Ada"},
        "annotations": [{"result": [{**REGION, "value": value}]}],
    }

    assert read(tmp_path, "a.json", json.dumps([task])) == [("😀 Ada", [("Ada", "per")])]


def test_a_task_that_nobody_annotated_is_left_out_and_counted(tmp_path):
    skipped = {**TASK, "annotations": [{"was_cancelled": True, "result": []}]}
    corpus = loaded(tmp_path, "a.json", json.dumps([TASK, {**TASK, "annotations": []}, skipped]))

    assert len(corpus.sentences) == 1
    assert corpus.left_out == {"not annotated": 2}


def test_of_several_annotations_the_ground_truth_is_read(tmp_path):
    other = {"result": []}
    both = {**TASK, "annotations": [other, {**TASK["annotations"][0], "ground_truth": True}]}

    assert read(tmp_path, "a.json", json.dumps([both])) == [FOUND]
    said = refusal(tmp_path, json.dumps([TASK, {**TASK, "annotations": [other, other]}]))
    assert "task 7 of Label Studio has 2 annotations" in said


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"data": {"image": "x.png", "title": "y"}}, 'task 7 of Label Studio has no "text"'),
        ({"annotations": [{"result": [{**REGION, "value": {"labels": ["x"]}}]}]}, "start: Field"),
        ({"annotations": [1]}, "task 7 of Label Studio: annotations"),
        ({"annotations": None}, "task 7 of Label Studio: annotations"),
        ({"annotations": [{"result": [{**REGION, "value": None}]}]}, "task 7 of Label Studio"),
        ({"data": {"text": "Oslo"}}, r"\[0, 3\) PER is 'Osl' in the text, not 'Ada'"),
    ],
)
def test_a_task_that_cannot_be_read_is_refused_by_name(tmp_path, change, why):
    assert re.search(why, refusal(tmp_path, json.dumps([{**TASK, **change}])))


def test_all_regions_of_a_minimal_task_are_read(tmp_path):
    oslo = {"start": 8, "end": 12, "text": "Oslo", "labels": ["LOC"]}
    task = {"text": "Ada saw Oslo", "per": [REGION["value"]], "loc": [oslo], "annotator": 1}

    assert read(tmp_path, "a.json", json.dumps([task])) == [
        ("Ada saw Oslo", [("Ada", "per"), ("Oslo", "loc")])
    ]


@pytest.mark.parametrize("key", ["hypertextlabels", "paragraphlabels", "rectanglelabels"])
def test_labels_of_a_page_a_dialogue_or_a_picture_are_refused(tmp_path, key):
    value = {"start": "/p[1]", "end": "/p[1]", "text": "Ada", key: ["PER"]}
    minimal = {"id": 7, "text": "<p>Ada saw</p>", "label": [value], "annotator": 1}
    task = {**TASK, "annotations": [{"result": [{"type": key, "value": value}]}]}

    for written in (minimal, task):
        said = refusal(tmp_path, json.dumps([written]))
        assert f"line 1: task 7 of Label Studio has {key!r}; only labels of a Text" in said


def test_a_region_of_a_minimal_task_without_a_label_is_refused(tmp_path):
    bare = {"start": 0, "end": 3, "text": "Ada"}
    task = {"id": 7, "text": "Ada saw Oslo", "label": [bare], "annotator": 1}

    assert "task 7 of Label Studio: labels: Field required" in refusal(tmp_path, json.dumps([task]))


def test_of_several_texts_the_one_that_has_the_labels_is_read(tmp_path):
    data = {"text": "Ada left Bo", "title": "Ada saw Oslo"}
    task = {"data": data, "annotations": [{"result": [{**REGION, "to_name": "title"}]}]}

    assert read(tmp_path, "a.json", json.dumps([task])) == [FOUND]


def test_labels_of_several_texts_are_refused(tmp_path):
    results = [{**REGION, "to_name": name} for name in ("title", "text")]
    task = {**TASK, "annotations": [{"result": results}]}

    said = refusal(tmp_path, json.dumps([task]))

    assert "task 7 of Label Studio has labels of several texts: text, title" in said
