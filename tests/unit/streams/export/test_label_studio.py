"""Tasks for Label Studio: offsets as it counts them, doubtful ones first."""

import json
import xml.etree.ElementTree as ET

from support.tagged import entity, samples, tagged

from ner_core.evaluation.corpora import load_corpus
from streams.export.label_studio import interface, label_studio


def tasks(*documents):
    return json.loads(label_studio(documents).content)


def regions(task):
    return [region["value"] for region in task["predictions"][0]["result"]]


def test_every_region_is_its_text_in_code_points():
    emoji = tagged("👩‍🚀 Ada 🇫🇷 Bob", entity(4, 7), entity(11, 14))

    for task in tasks(emoji, *samples()):
        for value in regions(task):
            assert task["data"]["text"][value["start"] : value["end"]] == value["text"]


def test_accepted_as_it_is_a_prediction_is_read_back_as_the_record(tmp_path):
    documents = list(samples())
    accepted = [
        {"data": task["data"], "annotations": [{"result": task["predictions"][0]["result"]}]}
        for task in tasks(*documents)
    ]
    path = tmp_path / "export.json"
    path.write_text(json.dumps(accepted), "utf-8")

    sentences = load_corpus(path, "news", nested="keep").sentences
    read = {(s.text, e.span.start, e.span.end, e.type) for s in sentences for e in s.entities}
    assert read == {
        (text, e.start, e.end, e.type)
        for d in documents
        for name, text in d.fields
        for e in d.entities(name)
    }


def test_the_most_doubtful_come_first():
    sure = tagged("Ada", entity(0, 3, score=0.9, votes={"person": 3}), id="sure")
    low = tagged("Ada", entity(0, 3, score=0.4, votes={"person": 3}), id="low")
    split = tagged("Ada", entity(0, 3, score=0.9, votes={"person": 1, "work": 2}), id="split")
    none = tagged("Nobody", id="none")

    found = tasks(none, sure, low, split)

    assert [task["data"]["tagwire"]["document_id"] for task in found] == [
        *("split", "low", "sure", "none")
    ]
    assert [task["predictions"][0]["score"] for task in found] == [0.3, 0.4, 0.9, 1.0]


def test_a_type_that_its_document_decided_is_as_doubtful_as_its_score():
    decided = tagged("Ada", entity(0, 3, score=0.8, votes={"work": 3}))

    assert [task["predictions"][0]["score"] for task in tasks(decided)] == [0.8]


def test_the_interface_is_for_these_tasks_and_has_every_label():
    view = ET.fromstring(interface(["person", 'a"<&b']))  # noqa: S314
    [region] = tasks(tagged("Ada", entity(0, 3)))[0]["predictions"][0]["result"]

    assert [label.get("value") for label in view.iter("Label")] == ["person", 'a"<&b']
    assert view.find("Labels").get("name") == region["from_name"]
    assert view.find("Labels").get("toName") == view.find("Text").get("name") == region["to_name"]
    assert view.find("Text").get("value") == "$text"
